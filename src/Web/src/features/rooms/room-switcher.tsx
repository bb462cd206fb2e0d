import { Compass, Lock, Search, TextSearch } from 'lucide-react';
import { Fragment, useEffect, useId, useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Person, Room } from '@/lib/api/schemas';
import { byActivity, otherOf, type RoomEntry } from '@/lib/chat/room-entry';
import { translateError } from '@/lib/i18n/i18n';
import type { MessageKey } from '@/lib/i18n/messages';
import { useT } from '@/lib/i18n/use-t';
import { matchRank } from '@/lib/match';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { useStoreByFrame } from '@/lib/use-store';
import { Avatar } from '@/ui/avatar';
import { Dialog } from '@/ui/dialog';
import { FormError } from '@/ui/field';
import { PersonAvatar } from '@/ui/person-avatar';
import styles from './rooms.module.css';

const shownAtOnce = 8;
const toJoinAtOnce = 5;
const peopleAtOnce = 5;
const typingPauseMs = 200;

type Choice =
  | { readonly kind: 'mine'; readonly room: RoomEntry }
  | { readonly kind: 'join'; readonly room: Room }
  | { readonly kind: 'people'; readonly person: Person }
  | { readonly kind: 'search' }
  | { readonly kind: 'discover' };

interface Found {
  readonly query: string;
  readonly rooms: readonly Room[];
  readonly people: readonly Person[];
}

interface RoomSwitcherProps {
  onClose: () => void;
  onDiscover: () => void;
  /** Goes on as a search over messages. */
  onSearch: (text: string) => void;
}

/**
 * A combobox over one's rooms, best match first, then those one could join, people, and the messages with what was typed. Without a query: the
 * unread rooms first, then the last active.
 */
export function RoomSwitcher({ onClose, onDiscover, onSearch }: RoomSwitcherProps) {
  const t = useT();
  const { client, me, session } = useChat();
  const rooms = useStoreByFrame(client.rooms, (value) => value);
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const [found, setFound] = useState<Found>({ query: '', rooms: [], people: [] });
  const [error, setError] = useState<string | null>(null);
  const id = useId();
  const wanted = query.trim();

  const mine = useMemo(() => [...rooms.values()]
    .flatMap((room) => {
      const rank = matchRank(room.name, query);
      return rank === null ? [] : [{ room, rank }];
    })
    .sort((a, b) => a.rank - b.rank || Number(b.room.unread > 0) - Number(a.room.unread > 0) || byActivity(a.room, b.room))
    .slice(0, shownAtOnce)
    .map(({ room }): Choice => ({ kind: 'mine', room })), [rooms, query]);
  // Whoever is there with a conversation is not there a second time.
  const listed = new Set([me.id, ...mine.flatMap((choice) => (choice.kind === 'mine' ? otherOf(choice.room)?.id : undefined) ?? [])]);
  const choices: readonly Choice[] = [
    ...mine,
    ...(wanted === '' ? [] : found.rooms.filter((room) => !rooms.has(room.id)).map((room): Choice => ({ kind: 'join', room }))),
    ...(wanted === '' ? [] : found.people.filter(({ id: person }) => !listed.has(person)).map((person): Choice => ({ kind: 'people', person }))),
    ...(wanted === '' ? [] : [{ kind: 'search' } as const]),
    { kind: 'discover' },
  ];
  const count = choices.length;
  const at = Math.min(chosen, count - 1);

  useEffect(() => {
    if (wanted === '') return;
    let current = true;
    const search = async () => {
      // One without the other is better than nothing.
      const [toJoin, people] = await Promise.allSettled([session.api.rooms('discover', wanted), session.api.searchPeople(wanted)]);
      if (!current) return;
      setFound({
        query: wanted,
        rooms: toJoin.status === 'fulfilled' ? toJoin.value.items.slice(0, toJoinAtOnce) : [],
        people: people.status === 'fulfilled' ? people.value.items.slice(0, peopleAtOnce) : [],
      });
      const failed = [toJoin, people].find((answer) => answer.status === 'rejected');
      if (failed) setError(errorCode(failed.reason));
    };
    const timer = setTimeout(() => void search(), typingPauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [wanted, session]);

  const enter = (room: string) => {
    onClose();
    navigate({ view: 'room', room });
  };

  const choose = async (index: number) => {
    const choice = choices[index];
    try {
      if (choice?.kind === 'mine') enter(choice.room.id);
      else if (choice?.kind === 'join') enter((await client.join(choice.room.id)).id);
      else if (choice?.kind === 'people') enter(await client.openDirect([choice.person.id]));
      else if (choice?.kind === 'search') onSearch(wanted);
      else onDiscover();
    } catch (failure) {
      setError(errorCode(failure));
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setChosen((at + 1) % count);
    else if (event.key === 'ArrowUp') setChosen((at + count - 1) % count);
    else if (event.key === 'Enter') void choose(at);
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
          aria-activedescendant={`${id}-${at}`}
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
      <ul id={`${id}-list`} role="listbox" aria-label={t('switcher.title')} className={styles['options']}>
        {choices.map((choice, index) => {
          const heading = headings[choice.kind];
          const begins = wanted !== '' && heading !== undefined && choices[index - 1]?.kind !== choice.kind;
          return (
            <Fragment key={keyOf(choice)}>
              {begins && <li role="presentation" className={styles['optionsHeading']}>{t(heading)}</li>}
              <li
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === at}
                className={styles['option']}
                data-testid={testIds[choice.kind]}
                data-room-id={'room' in choice ? choice.room.id : undefined}
                data-user-id={'person' in choice ? choice.person.id : undefined}
                data-join={choice.kind === 'join' || undefined}
                onPointerMove={() => setChosen(index)}
                onClick={() => void choose(index)}
              >
                <Option choice={choice} query={wanted} />
              </li>
            </Fragment>
          );
        })}
      </ul>
      <p className={styles['switcherHint']}>{t('switcher.hint')}</p>
    </Dialog>
  );
}

const headings: Partial<Record<Choice['kind'], MessageKey>> = { mine: 'switcher.mine', join: 'switcher.join', people: 'switcher.people' };

const testIds: Record<Choice['kind'], string> = {
  mine: 'switcher-item', join: 'switcher-item', people: 'switcher-person', search: 'switcher-search', discover: 'switcher-discover',
};

const keyOf = (choice: Choice): string => ('room' in choice ? choice.room.id : 'person' in choice ? choice.person.id : choice.kind);

function Option({ choice, query }: { choice: Choice; query: string }): ReactNode {
  const t = useT();
  switch (choice.kind) {
    case 'people':
      return (
        <>
          <PersonAvatar id={choice.person.id} name={choice.person.displayName} size={28} />
          <span className={styles['optionName']}>{choice.person.displayName}</span>
          <span className={styles['optionHint']}>@{choice.person.username}</span>
        </>
      );
    case 'search':
    case 'discover':
      return (
        <>
          <span className={styles['optionIcon']}>{choice.kind === 'search' ? <TextSearch aria-hidden="true" /> : <Compass aria-hidden="true" />}</span>
          <span className={styles['optionName']}>{choice.kind === 'search' ? t('switcher.search', { query }) : t('switcher.discover')}</span>
        </>
      );
    default: {
      const other = choice.kind === 'mine' ? otherOf(choice.room) : undefined;
      return (
        <>
          {other ? <PersonAvatar id={other.id} name={other.displayName} size={28} /> : <Avatar id={choice.room.id} name={choice.room.name} picture={choice.room.picture} square size={28} />}
          <span className={styles['optionName']}>{choice.room.name}</span>
          {choice.room.visibility === 'private' && <Lock aria-label={t('rooms.private')} role="img" />}
          {choice.kind === 'join' && <span className={styles['optionJoin']}>{t('discover.join')}</span>}
          {choice.kind === 'mine' && choice.room.unread > 0 && (
            <span className={styles['optionUnread']} aria-label={t('rooms.unread', { count: choice.room.unread })}>{choice.room.unread}</span>
          )}
        </>
      );
    }
  }
}
