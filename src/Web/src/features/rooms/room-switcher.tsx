import { Compass, Lock, Search } from 'lucide-react';
import { useId, useMemo, useState, type KeyboardEvent } from 'react';
import { byActivity } from '@/lib/chat/room-entry';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { fold } from '@/lib/text';
import { useStore } from '@/lib/use-store';
import { Avatar } from '@/ui/avatar';
import { Dialog } from '@/ui/dialog';
import styles from './rooms.module.css';

const shownAtOnce = 8;

/** A combobox over one's rooms: unread ones first, then the last active. */
export function RoomSwitcher({ onClose, onDiscover }: { onClose: () => void; onDiscover: () => void }) {
  const t = useT();
  const { client } = useChat();
  const rooms = useStore(client.rooms, (value) => value);
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const id = useId();

  const shown = useMemo(() => {
    const wanted = fold(query.trim());
    return [...rooms.values()]
      .filter((room) => wanted === '' || fold(room.name).includes(wanted))
      .sort((a, b) => rank(a.name, wanted) - rank(b.name, wanted) || Number(b.unread > 0) - Number(a.unread > 0) || byActivity(a, b))
      .slice(0, shownAtOnce);
  }, [rooms, query]);
  const count = shown.length + 1; // the last choice is to discover more

  const choose = (index: number) => {
    const room = shown[index];
    if (room) {
      onClose();
      navigate({ view: 'room', room: room.id });
    } else onDiscover();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setChosen((chosen + 1) % count);
    else if (event.key === 'ArrowUp') setChosen((chosen + count - 1) % count);
    else if (event.key === 'Enter') choose(chosen);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title={t('switcher.title')} onClose={onClose} bare testId="room-switcher">
      <div className={styles['switcherInput']}>
        <Search aria-hidden="true" />
        <input
          data-autofocus
          value={query}
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={`${id}-${chosen}`}
          aria-label={t('switcher.title')}
          placeholder={t('switcher.placeholder')}
          data-testid="switcher-input"
          onKeyDown={onKeyDown}
          onChange={({ target }) => {
            setQuery(target.value);
            setChosen(0);
          }}
        />
      </div>
      <ul id={`${id}-list`} role="listbox" aria-label={t('rooms.title')} className={styles['options']}>
        {shown.map((room, index) => (
          <li
            key={room.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            className={styles['option']}
            data-testid="switcher-item"
            data-room-id={room.id}
            onPointerMove={() => setChosen(index)}
            onClick={() => choose(index)}
          >
            <Avatar id={room.id} name={room.name} picture={room.picture} square size={28} />
            <span className={styles['optionName']}>{room.name}</span>
            {room.visibility === 'private' && <Lock aria-label={t('rooms.private')} role="img" />}
            {room.unread > 0 && <span className={styles['optionUnread']} aria-label={t('rooms.unread', { count: room.unread })}>{room.unread}</span>}
          </li>
        ))}
        <li
          id={`${id}-${shown.length}`}
          role="option"
          aria-selected={chosen === shown.length}
          className={styles['option']}
          onPointerMove={() => setChosen(shown.length)}
          onClick={() => choose(shown.length)}
        >
          <span className={styles['optionIcon']}><Compass aria-hidden="true" /></span>
          <span className={styles['optionName']}>{t('switcher.discover')}</span>
        </li>
      </ul>
      <p className={styles['switcherHint']}>{t('switcher.hint')}</p>
    </Dialog>
  );
}

/** Names that begin with what was typed come first. */
const rank = (name: string, wanted: string): number => (wanted === '' || fold(name).startsWith(wanted) ? 0 : 1);
