import { Upload } from 'lucide-react';
import { useT } from '@/lib/i18n/use-t';
import styles from './drop-overlay.module.css';

export function DropOverlay({ room }: { room: string }) {
  const t = useT();
  return (
    <div className={styles['overlay']} aria-hidden="true" data-testid="drop-overlay">
      <div className={styles['card']}>
        <Upload />
        <strong>{t('drop.title')}</strong>
        <span>{t('drop.text', { room })}</span>
      </div>
    </div>
  );
}
