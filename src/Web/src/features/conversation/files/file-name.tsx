import { extensionOf } from '@/lib/files';
import styles from './file-name.module.css';

/** A long name loses its middle: what kind of file it is stays to be seen. */
export function FileName({ name }: { name: string }) {
  const extension = extensionOf(name);
  const end = extension === '' ? 0 : extension.length + 1;
  return (
    <span className={styles['name']} data-testid="file-name">
      <span className={styles['stem']}>{end === 0 ? name : name.slice(0, -end)}</span>
      {end > 0 && <span className={styles['end']}>{name.slice(-end)}</span>}
    </span>
  );
}
