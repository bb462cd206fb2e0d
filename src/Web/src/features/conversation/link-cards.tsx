import { X } from 'lucide-react';
import type { LinkCard } from '@/lib/api/schemas';
import { fileUrl } from '@/lib/files';
import { useT } from '@/lib/i18n/use-t';
import { IconButton } from '@/ui/button';
import { FileImage } from './files/file-image';
import { safeUrl } from './safe-url';
import styles from './link-cards.module.css';

interface LinkCardsProps {
  cards: readonly LinkCard[];
  /** Present for the author. */
  onRemove?: (() => void) | undefined;
  tabIndex: number;
}

/** What the message's links lead to, as their pages say: text from strangers, shown as text. */
export function LinkCards({ cards, onRemove, tabIndex }: LinkCardsProps) {
  const t = useT();
  const shown = cards.filter(({ url }) => safeUrl(url) !== '');
  if (shown.length === 0) return null;
  return (
    <div className={styles['cards']} data-testid="link-cards">
      <ul>
        {shown.map(({ url, title, description, site, image }) => (
          <li key={url}>
            <a className={styles['card']} href={url} target="_blank" rel="noopener noreferrer nofollow" tabIndex={tabIndex} title={url} data-testid="link-card">
              <span className={styles['text']} dir="auto">
                <span className={styles['site']}>{site}</span>
                <strong className={styles['title']}>{title === '' ? url : title}</strong>
                {description !== '' && <span className={styles['description']}>{description}</span>}
              </span>
              {image && (
                <span className={styles['image']}>
                  <FileImage src={fileUrl(image.id, 'small')} placeholder={image.placeholder} alt="" />
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
      {onRemove && (
        <IconButton className={styles['remove']} label={t('links.remove')} tabIndex={tabIndex} data-testid="link-cards-remove" onClick={onRemove}><X /></IconButton>
      )}
    </div>
  );
}
