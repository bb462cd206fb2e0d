import { Paperclip } from 'lucide-react';
import type { MessageHit } from '@/lib/api/schemas';
import { fullTime, shortTime } from '@/lib/dates';
import { useT } from '@/lib/i18n/use-t';
import { withoutMarkdown } from '@/lib/text';
import { PersonAvatar } from '@/ui/person-avatar';
import { PersonName } from '@/ui/person-name';
import { partsOf } from './words';
import styles from './search.module.css';

interface HitRowProps {
  id: string;
  hit: MessageHit;
  chosen: boolean;
  opened: boolean;
  onChoose: () => void;
  onOpen: () => void;
}

/** A message that was found: who, when, and what it says around the first match. */
export function HitRow({ id, hit, chosen, opened, onChoose, onOpen }: HitRowProps) {
  const t = useT();
  const { message, snippet } = hit;
  const { text: line, ranges } = withoutMarkdown(snippet.text, snippet.matches);
  return (
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      className={styles['hit']}
      data-testid="search-hit"
      data-message-id={message.id}
      data-opened={opened || undefined}
      onPointerMove={onChoose}
      onClick={onOpen}
    >
      <PersonAvatar id={message.author.id} name={message.author.displayName} size={28} />
      <div className={styles['hitText']}>
        <p className={styles['hitHead']}>
          <strong><PersonName person={message.author} /></strong>
          <time dateTime={message.ts} title={fullTime(t, message.ts)}>{shortTime(t, message.ts)}</time>
        </p>
        {line !== '' && (
          <p className={styles['snippet']} dir="auto" data-testid="search-snippet">
            {snippet.cutBefore && '…'}
            {partsOf(line, ranges).map(({ text, marked }, index) => (marked ? <mark key={index}>{text}</mark> : text))}
            {snippet.cutAfter && '…'}
          </p>
        )}
        {message.files.length > 0 && (
          <p className={styles['hitFiles']}>
            <Paperclip aria-hidden="true" />
            <span>{message.files.map(({ name }) => name).join(', ')}</span>
          </p>
        )}
      </div>
    </div>
  );
}
