import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { useStoreByFrame } from '@/lib/use-store';
import styles from './typing-indicator.module.css';

export function TypingIndicator({ room }: { room: string }) {
  const t = useT();
  const { client } = useChat();
  const typing = useStoreByFrame(client.live.typing, (all) => all.get(room));
  const users = useStoreByFrame(client.users, (value) => value);
  if (!typing || typing.length === 0) return null;
  const names = typing.map((id) => users.get(id)?.displayName ?? t('common.someone'));
  const [a = '', b = ''] = names;
  const text = names.length === 1 ? t('typing.one', { a }) : names.length === 2 ? t('typing.two', { a, b }) : t('typing.many');
  return (
    <p className={styles['typing']} data-testid="typing-indicator">
      <span className={styles['dots']} aria-hidden="true"><i /><i /><i /></span>
      <span>{text}</span>
    </p>
  );
}
