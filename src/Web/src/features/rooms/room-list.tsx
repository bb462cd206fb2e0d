import { AtSign, Compass, Lock, Plus, Search, X } from 'lucide-react';
import { useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { byActivity, type RoomEntry } from '@/lib/chat/room-entry';
import { shortTime } from '@/lib/dates';
import { useT } from '@/lib/i18n/use-t';
import { summaryOf } from '@/lib/message-summary';
import { hashOf } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { fold } from '@/lib/text';
import { useStore } from '@/lib/use-store';
import { Avatar } from '@/ui/avatar';
import { Button, IconButton } from '@/ui/button';
import { Empty, Skeleton } from '@/ui/empty';
import styles from './room-list.module.css';

interface RoomListProps {
  current: string | null;
  onCreate: () => void;
  onDiscover: () => void;
  /** The account menu. */
  footer: ReactNode;
}

export function RoomList({ current, onCreate, onDiscover, footer }: RoomListProps) {
  const t = useT();
  const { client, me } = useChat();
  const rooms = useStore(client.rooms, (value) => value);
  const status = useStore(client.roomsStatus, (value) => value);
  const [query, setQuery] = useState('');

  // The page has one h1: the open room's, if there is one.
  const Heading = current === null ? 'h1' : 'h2';

  const sorted = useMemo(() => [...rooms.values()].sort(byActivity), [rooms]);
  const shown = useMemo(() => {
    const wanted = fold(query.trim());
    return wanted === '' ? sorted : sorted.filter((room) => fold(`${room.name} ${room.topic ?? ''}`).includes(wanted));
  }, [sorted, query]);

  return (
    <nav className={styles['side']} aria-label={t('rooms.title')}>
      <header className={styles['header']}>
        <Heading>{t('rooms.title')}</Heading>
        <div className={styles['tools']}>
          <IconButton label={t('rooms.discover')} data-testid="discover-open" onClick={onDiscover}><Compass /></IconButton>
          <IconButton label={t('rooms.create')} data-testid="create-room" onClick={onCreate}><Plus /></IconButton>
        </div>
      </header>
      {rooms.size > 0 && (
        <div className={styles['search']}>
          <Search aria-hidden="true" />
          <input
            type="search"
            value={query}
            placeholder={t('rooms.search')}
            aria-label={t('rooms.search')}
            data-testid="room-search"
            onChange={({ target }) => setQuery(target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setQuery('');
            }}
          />
          {query !== '' && (
            <button type="button" aria-label={t('rooms.search.clear')} onClick={() => setQuery('')}><X aria-hidden="true" /></button>
          )}
        </div>
      )}
      <div className={styles['scroll']}>
        {status === 'loading' && <div role="status" aria-label={t('common.loading')}><Skeleton rows={7} /></div>}
        {status === 'error' && (
          <Empty title={t('rooms.error')}>
            <Button onClick={() => client.retryRooms()}>{t('common.retry')}</Button>
          </Empty>
        )}
        {status === 'ready' && rooms.size === 0 && (
          <Empty icon={<Compass />} title={t('rooms.empty.title')} text={t('rooms.empty.text')} testId="rooms-empty">
            <Button variant="primary" onClick={onDiscover}>{t('rooms.discover')}</Button>
            <Button onClick={onCreate}>{t('rooms.create')}</Button>
          </Empty>
        )}
        {rooms.size > 0 && shown.length === 0 && <p className={styles['none']}>{t('rooms.none', { query: query.trim() })}</p>}
        <ul className={styles['list']} data-testid="room-list" onKeyDown={moveFocus}>
          {shown.map((room) => (
            <RoomItem key={room.id} room={room} active={room.id === current} me={me.id} />
          ))}
        </ul>
      </div>
      <footer className={styles['footer']}>{footer}</footer>
    </nav>
  );
}

function RoomItem({ room, active, me }: { room: RoomEntry; active: boolean; me: string }) {
  const t = useT();
  const { lastMessage, unread, mentions } = room;
  const line = lastMessage ? summaryOf(t, lastMessage) : '';
  const preview = !lastMessage
    ? (room.topic ?? t('rooms.noMessages'))
    : lastMessage.author.id === me ? t('rooms.youPrefix', { text: line }) : `${lastMessage.author.displayName}: ${line}`;
  return (
    <li>
      <a
        className={styles['item']}
        href={hashOf({ view: 'room', room: room.id })}
        aria-current={active ? 'page' : undefined}
        data-testid="room-item"
        data-room-id={room.id}
        data-unread={unread > 0 || undefined}
      >
        <Avatar id={room.id} name={room.name} picture={room.picture} square size={40} />
        <span className={styles['text']}>
          <span className={styles['top']}>
            <span className={styles['name']} data-testid="room-name">
              {room.name}
              {room.visibility === 'private' && <Lock role="img" aria-label={t('rooms.private')} />}
            </span>
            {lastMessage && <time dateTime={lastMessage.ts}>{shortTime(t, lastMessage.ts)}</time>}
          </span>
          <span className={styles['bottom']}>
            <span className={styles['preview']} data-testid="room-preview">{preview}</span>
            {mentions > 0 && (
              <span className={styles['mentions']} data-testid="mention-count" data-count={mentions}>
                <AtSign aria-hidden="true" />
                <span aria-hidden="true">{mentions > 99 ? '99+' : mentions}</span>
                <span className="visually-hidden">{t('rooms.mentions', { count: mentions })}</span>
              </span>
            )}
            {unread > 0 && (
              <span className={styles['unread']} data-testid="unread-count" data-count={unread}>
                <span aria-hidden="true">{unread > 999 ? '999+' : unread}</span>
                <span className="visually-hidden">{t('rooms.unread', { count: unread })}</span>
              </span>
            )}
          </span>
        </span>
      </a>
    </li>
  );
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('a')];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = links[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
