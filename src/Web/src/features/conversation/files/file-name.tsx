import { extensionOf } from '@/lib/files';
import styles from './file-name.module.css';

/** Of what stands before the extension: where versions and dates are. */
const endCharacters = 6;

/** A long name loses its middle: its end says which file it is, and of what kind. */
export function FileName({ name }: { name: string }) {
  const extension = extensionOf(name);
  const stem = Array.from(extension === '' ? name : name.slice(0, -extension.length - 1));
  const kept = stem.length > 3 * endCharacters ? stem.slice(-endCharacters).join('').length : 0;
  const end = kept + (extension === '' ? 0 : extension.length + 1);
  return (
    <span className={styles['name']} data-testid="file-name">
      <span className={styles['stem']}>{end === 0 ? name : name.slice(0, -end)}</span>
      {end > 0 && <span className={styles['end']}>{name.slice(-end)}</span>}
    </span>
  );
}

/** The name, and what else is said of the file below it. */
export function FileLabel({ name, meta, title }: { name: string; meta: string; title?: string }) {
  return (
    <span className={styles['label']} title={title}>
      <FileName name={name} />
      <span className={styles['meta']}>{meta}</span>
    </span>
  );
}
