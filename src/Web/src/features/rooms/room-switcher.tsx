import { Compass, Lock, Search } from 'lucide-react';
import { useEffect, useId, useMemo, useState, type KeyboardEvent } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Room } from '@/lib/api/schemas';
import { byActivity, type RoomEntry } from '@/lib/chat/room-entry';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { matchRank } from '@/lib/match';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { useStoreByFrame } from '@/lib/use-store';
import { Avatar } from '@/ui/avatar';
import { Dialog } from '@/ui/dialog';
import { FormError } from '@/ui/field';
import styles from './rooms.module.css';

const shownAtOnce = 8;
const toJoinAtOnce = 5;
const typingPauseMs = 200;

type Choice = { readonly room: RoomEntry } | { readonly join: Room };

/** A combobox over one's rooms, best match first, then those one could join. Without a query: unread ones first, then the last active. */
export function RoomSwitcher({ onClose, onDiscover }: { onClose: () => void; onDiscover: () => void }) {
  const t = useT();
  const { client, session } = useChat();
  const rooms = useStoreByFrame(client.rooms, (value) => value);
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const [found, setFound] = useState<readonly Room[]>([]);
  const [error, setError] = useState<string | null>(null);
  const id = useId();

  const mine = useMemo(() => [...rooms.values()]
    .flatMap((room) => {
      const rank = matchRank(room.name, query);
      return rank === null ? [] : [{ room, rank }];
    })
    .sort((a, b) => a.rank - b.rank || Number(b.room.unread > 0) - Number(a.room.unread > 0) || byActivity(a.room, b.room))
    .slice(0, shownAtOnce)
    .map(({ room }): Choice => ({ room })), [rooms, query]);
  const choices = [...mine, ...(query.trim() === '' ? [] : found.filter((room) => !rooms.has(room.id)).map((join): Choice => ({ join })))];
  const count = choices.length + 1; // the last choice is to discover more

  useEffect(() => {
    if (query.trim() === '') return;
    let current = true;
    const search = () => session.api.rooms('discover', query.trim()).then(
      (page) => current && setFound(page.items.slice(0, toJoinAtOnce)),
      (failure: unknown) => current && setError(errorCode(failure)),
    );
    const timer = setTimeout(() => void search(), typingPauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query, session]);

  const choose = async (index: number) => {
    const choice = choices[index];
    if (!choice) {
      onDiscover();
      return;
    }
    const room = 'room' in choice ? choice.room.id : choice.join.id;
    try {
      if ('join' in choice) await client.join(room);
      onClose();
      navigate({ view: 'room', room });
    } catch (failure) {
      setError(errorCode(failure));
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setChosen((chosen + 1) % count);
    else if (event.key === 'ArrowUp') setChosen((chosen + count - 1) % count);
    else if (event.key === 'Enter') void choose(Math.min(chosen, choices.length));
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
          aria-activedescendant={`${id}-${Math.min(chosen, choices.length)}`}
          aria-label={t('switcher.title')}
          placeholder={t('switcher.placeholder')}
          data-testid="switcher-input"
          onKeyDown={onKeyDown}
          onChange={({ target }) => {
            setQuery(target.value);
            setChosen(0);
            setError(null);
          }}
        />
      </div>
      <FormError>{error && translateError(t, error)}</FormError>
      <ul id={`${id}-list`} role="listbox" aria-label={t('rooms.title')} className={styles['options']}>
        {choices.map((choice, index) => {
          const room = 'room' in choice ? choice.room : choice.join;
          return (
            <li
              key={room.id}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              className={styles['option']}
              data-testid="switcher-item"
              data-room-id={room.id}
              data-join={'join' in choice || undefined}
              onPointerMove={() => setChosen(index)}
              onClick={() => void choose(index)}
            >
              <Avatar id={room.id} name={room.name} picture={room.picture} square size={28} />
              <span className={styles['optionName']}>{room.name}</span>
              {room.visibility === 'private' && <Lock aria-label={t('rooms.private')} role="img" />}
              {'join' in choice && <span className={styles['optionJoin']}>{t('discover.join')}</span>}
              {'room' in choice && choice.room.unread > 0 && (
                <span className={styles['optionUnread']} aria-label={t('rooms.unread', { count: choice.room.unread })}>{choice.room.unread}</span>
              )}
            </li>
          );
        })}
        <li
          id={`${id}-${choices.length}`}
          role="option"
          aria-selected={chosen >= choices.length}
          className={styles['option']}
          onPointerMove={() => setChosen(choices.length)}
          onClick={onDiscover}
        >
          <span className={styles['optionIcon']}><Compass aria-hidden="true" /></span>
          <span className={styles['optionName']}>{t('switcher.discover')}</span>
        </li>
      </ul>
      <p className={styles['switcherHint']}>{t('switcher.hint')}</p>
    </Dialog>
  );
}
