import { ArrowUp } from 'lucide-react';
import { useState } from 'react';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { shortTime } from '@/lib/dates';
import { useT } from '@/lib/i18n/use-t';
import styles from './unread-bar.module.css';

interface UnreadBarProps {
  room: RoomEntry;
  /** When the first unread message came; undefined while it is not loaded. */
  first: string | number | undefined;
  onGoTo: () => void;
  onMarkRead: () => void;
}

/** How much is unread and since when, over the messages. Gone once all has been read. */
export function UnreadBar({ room, first, onGoTo, onMarkRead }: UnreadBarProps) {
  const t = useT();
  const [since, setSince] = useState(first);
  if (first !== undefined && first !== since) setSince(first);
  if (room.unread === 0) return null;
  return (
    <div className={styles['bar']} role="status" data-testid="unread-bar" data-count={room.unread}>
      <button type="button" className={styles['text']} title={t('conversation.unread.goTo')} onClick={onGoTo}>
        <ArrowUp aria-hidden="true" />
        {since === undefined
          ? t('conversation.latest.new', { count: room.unread })
          : t('conversation.unread.since', { count: room.unread, time: shortTime(t, since) })}
      </button>
      <button type="button" className={styles['read']} data-testid="mark-read" onClick={onMarkRead}>{t('conversation.unread.markRead')}</button>
    </div>
  );
}
