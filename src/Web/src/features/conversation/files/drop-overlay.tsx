import { Upload } from 'lucide-react';
import { useT } from '@/lib/i18n/use-t';
import styles from './drop-overlay.module.css';

/** `text`: where the files would go. */
export function DropOverlay({ text }: { text: string }) {
  const t = useT();
  return (
    <div className={styles['overlay']} aria-hidden="true" data-testid="drop-overlay">
      <div className={styles['card']}>
        <Upload />
        <strong>{t('drop.title')}</strong>
        <span>{text}</span>
      </div>
    </div>
  );
}
