import { useEffect } from 'react';
import type { Message, Reaction } from '@/lib/api/schemas';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { useStore } from '@/lib/use-store';
import styles from './reactions.module.css';

interface ReactionsProps {
  message: Message;
  tabIndex: number;
  onReact: (message: Message, emoji: string, on: boolean) => void;
}

/** Who reacts with what. A click joins in, or takes one's own back. */
export function Reactions({ message, tabIndex, onReact }: ReactionsProps) {
  const t = useT();
  const { client, me } = useChat();
  const users = useStore(client.users, (value) => value);

  useEffect(() => {
    for (const { users: ids } of message.reactions) for (const id of ids) if (!users.has(id)) client.people.want(id);
  }, [client, message.reactions, users]);

  const who = ({ users: ids, count, emoji }: Reaction) => {
    const names = ids.map((id) => (id === me.id ? t('reaction.you') : users.get(id)?.displayName)).filter((name) => name !== undefined);
    const more = count - names.length;
    const list = new Intl.ListFormat(t.locale, { type: 'conjunction' }).format(more > 0 ? [...names, t('reaction.others', { count: more })] : names);
    return t('reaction.who', { names: list, emoji });
  };

  return (
    <ul className={styles['reactions']} aria-label={t('reaction.list')} data-testid="reactions">
      {message.reactions.map((reaction) => {
        const mine = reaction.users.includes(me.id);
        const label = who(reaction);
        return (
          <li key={reaction.emoji}>
            <button
              type="button"
              className={styles['reaction']}
              aria-pressed={mine}
              aria-label={`${reaction.emoji} ${reaction.count}, ${label}`}
              title={label}
              tabIndex={tabIndex}
              data-testid="reaction"
              data-emoji={reaction.emoji}
              onClick={() => onReact(message, reaction.emoji, !mine)}
            >
              <span aria-hidden="true">{reaction.emoji}</span>
              <span className={styles['count']} aria-hidden="true">{reaction.count}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
