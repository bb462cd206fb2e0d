import { AtSign, CheckCheck, Compass, Inbox, Lock, PencilLine, Plus, Search, X } from 'lucide-react';
import { memo, useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { byName, isDirect, type RoomEntry } from '@/lib/chat/room-entry';
import { drafts, hasDraft } from '@/lib/drafts';
import { useT } from '@/lib/i18n/use-t';
import { hashOf } from '@/lib/route';
import { PersonItem, PeopleSection } from './people-section';
import { useChat } from '@/lib/session/session-context';
import { matchRank } from '@/lib/match';
import { useStore, useStoreByFrame } from '@/lib/use-store';
import { Avatar } from '@/ui/avatar';
import { Button, IconButton } from '@/ui/button';
import { Empty, Skeleton } from '@/ui/empty';
import styles from './room-list.module.css';

interface RoomListProps {
  current: string | null;
  onCreate: () => void;
  onDiscover: () => void;
  onMessage: () => void;
  /** The account menu. */
  footer: ReactNode;
}

export const RoomList = memo(function RoomList({ current, onCreate, onDiscover, onMessage, footer }: RoomListProps) {
  const t = useT();
  const { client, me } = useChat();
  const rooms = useStoreByFrame(client.rooms, (value) => value);
  const status = useStore(client.roomsStatus, (value) => value);
  const [query, setQuery] = useState('');

  // The page has one h1: the open room's, if there is one.
  const Heading = current === null ? 'h1' : 'h2';

  const begun = useStore(drafts, (value) => value);
  // The rooms of the inbox stay in it, in their order, for as long as it is open: what is read is only no longer marked.
  const [inbox, setInbox] = useState<readonly string[] | null>(null);
  const sorted = useMemo(() => [...rooms.values()].sort(byName), [rooms]);
  const waiting = useMemo(() => sorted.filter(needsAttention).sort((a, b) => Number(b.mentions > 0) - Number(a.mentions > 0)), [sorted]);
  const news = inbox === null ? [] : waiting.filter(({ id }) => !inbox.includes(id));
  if (inbox !== null && news.length > 0) setInbox([...inbox, ...news.map(({ id }) => id)]);
  const shown = useMemo(() => {
    const all = inbox === null ? sorted.filter((room) => !isDirect(room)) : inbox.flatMap((id) => rooms.get(id) ?? []);
    return query.trim() === '' ? all : all.filter((room) => matchRank(room.name, query) !== null || matchRank(room.topic ?? '', query) !== null);
  }, [sorted, rooms, inbox, query]);

  return (
    <nav className={styles['side']} tabIndex={-1} aria-label={t('rooms.title')}>
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
      {rooms.size > 0 && (
        <div className={styles['views']}>
          <button type="button" className={styles['view']} aria-pressed={inbox === null} data-testid="rooms-all" onClick={() => setInbox(null)}>{t('rooms.all')}</button>
          <button
            type="button"
            className={styles['view']}
            aria-pressed={inbox !== null}
            data-testid="inbox"
            data-count={waiting.length}
            onClick={() => setInbox(waiting.map(({ id }) => id))}
          >
            <Inbox aria-hidden="true" />
            {t('rooms.inbox')}
            {waiting.length > 0 && <span className={styles['viewCount']}>{waiting.length}</span>}
          </button>
          {inbox !== null && waiting.length > 0 && (
            <IconButton label={t('rooms.markAllRead')} data-testid="mark-all-read" onClick={() => client.markAllRead()}><CheckCheck /></IconButton>
          )}
        </div>
      )}
      <div className={styles['scroll']}>
        {inbox?.length === 0 && <Empty icon={<Inbox />} title={t('rooms.inbox.empty')} testId="inbox-empty" />}
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
        {query.trim() !== '' && shown.length === 0 && inbox !== null && <p className={styles['none']}>{t('rooms.none', { query: query.trim() })}</p>}
        <ul className={styles['list']} data-testid="room-list" onKeyDown={moveFocus}>
          {shown.map((room) => isDirect(room) ? <PersonItem key={room.id} room={room} active={room.id === current} watch={false} /> : (
            <RoomItem key={room.id} room={room} active={room.id === current} draft={hasDraft(begun, me.id, room.id)} />
          ))}
        </ul>
        {inbox === null && status === 'ready' && <PeopleSection current={current} query={query} onNew={onMessage} />}
      </div>
      <footer className={styles['footer']}>{footer}</footer>
    </nav>
  );
});

const needsAttention = (room: RoomEntry): boolean => room.unread > 0 || room.mentions > 0;

const RoomItem = memo(function RoomItem({ room, active, draft }: { room: RoomEntry; active: boolean; draft: boolean }) {
  const t = useT();
  const { unread, mentions } = room;
  return (
    <li>
      <a
        className={styles['item']}
        href={hashOf({ view: 'room', room: room.id })}
        aria-current={active ? 'page' : undefined}
        title={room.topic === null || room.topic === '' ? room.name : `${room.name}: ${room.topic}`}
        data-testid="room-item"
        data-room-id={room.id}
        data-unread={unread > 0 || undefined}
      >
        <Avatar id={room.id} name={room.name} picture={room.picture} square size={20} />
        <span className={styles['name']} data-testid="room-name">{room.name}</span>
        {room.visibility === 'private' && <Lock role="img" aria-label={t('rooms.private')} />}
        {draft && !active && <PencilLine role="img" aria-label={t('rooms.draft')} data-testid="room-draft" />}
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
      </a>
    </li>
  );
});

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('a')];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = links[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
