import { MessagesSquare } from 'lucide-react';
import type { Message, ThreadReplies } from '@/lib/api/schemas';
import { fullTime, shortTime } from '@/lib/dates';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { useStore } from '@/lib/use-store';
import { PersonAvatar } from '@/ui/person-avatar';
import styles from './thread-line.module.css';

interface ThreadLineProps {
  message: Message;
  replies: ThreadReplies;
  tabIndex: number;
  onOpen: (message: Message) => void;
}

/** Under a message: who has replied in its thread, how many, and what is new to the user. */
export function ThreadLine({ message, replies, tabIndex, onOpen }: ThreadLineProps) {
  const t = useT();
  const { client } = useChat();
  const unread = useStore(client.threads.followed, (all) => all.get(message.id)?.unread ?? 0);
  return (
    <button
      type="button"
      className={styles['line']}
      tabIndex={tabIndex}
      data-testid="thread-line"
      data-count={replies.count}
      data-unread={unread > 0 ? unread : undefined}
      onClick={() => onOpen(message)}
    >
      <span className={styles['people']} aria-hidden="true">
        {replies.authors.slice(0, 3).map(({ id, displayName }) => <PersonAvatar key={id} id={id} name={displayName} size={20} />)}
        {replies.authors.length === 0 && <MessagesSquare />}
      </span>
      <strong>{t('thread.replies', { count: replies.count })}</strong>
      {unread > 0 && <span className={styles['new']}>· {t('thread.new', { count: unread })}</span>}
      {replies.lastTs !== null && <time dateTime={replies.lastTs} title={fullTime(t, replies.lastTs)}>{shortTime(t, replies.lastTs)}</time>}
    </button>
  );
}
