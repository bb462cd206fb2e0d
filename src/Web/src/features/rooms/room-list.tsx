import { Bookmark, CheckCheck, Compass, Inbox, Plus, Search, TextSearch, X } from 'lucide-react';
import { memo, useMemo, useState, type ReactNode } from 'react';
import { byName, isDirect } from '@/lib/chat/room-entry';
import { createSections, needsAttention } from '@/lib/chat/room-order';
import { useT } from '@/lib/i18n/use-t';
import { PeopleSection } from './people-section';
import { useChat } from '@/lib/session/session-context';
import { matchRank } from '@/lib/match';
import { showToast } from '@/lib/toasts';
import { useStore, useStoreByFrame } from '@/lib/use-store';
import { Button, IconButton } from '@/ui/button';
import { Empty, Skeleton } from '@/ui/empty';
import { RoomRows } from './room-rows';
import styles from './room-list.module.css';

interface RoomListProps {
  current: string | null;
  onCreate: () => void;
  onDiscover: () => void;
  /** Over messages. */
  onSearch: () => void;
  onSaved: () => void;
  onMessage: () => void;
  /** The account menu. */
  footer: ReactNode;
}

export const RoomList = memo(function RoomList({ current, onCreate, onDiscover, onSearch, onSaved, onMessage, footer }: RoomListProps) {
  const t = useT();
  const { client } = useChat();
  const all = useStoreByFrame(client.rooms, (value) => value);
  const undoable = useStore(client.deeds.undo.all, (value) => value);
  // What is being left is out of the list while that can still be taken back.
  const rooms = useMemo(() => (undoable.size === 0 ? all : new Map([...all].filter(([id]) => !undoable.has(`leave:${id}`)))), [all, undoable]);
  const status = useStore(client.roomsStatus, (value) => value);
  const [query, setQuery] = useState('');

  // The page has one h1: the open room's, if there is one.
  const Heading = current === null ? 'h1' : 'h2';

  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const [sectionsOf] = useState(createSections);
  // The rooms of the inbox stay in it, in their order, for as long as it is open: what is read is only no longer marked.
  const [inbox, setInbox] = useState<readonly string[] | null>(null);
  const sections = useMemo(() => sectionsOf(rooms), [sectionsOf, rooms]);
  const sorted = useMemo(() => [...sections.favourites, ...sections.others, ...[...rooms.values()].filter((room) => isDirect(room) && !room.preferences.favourite).sort(byName)], [sections, rooms]);
  const waiting = useMemo(() => sorted.filter(needsAttention).sort((a, b) => Number(b.mentions > 0) - Number(a.mentions > 0)), [sorted]);
  const news = inbox === null ? [] : waiting.filter(({ id }) => !inbox.includes(id));
  if (inbox !== null && news.length > 0) setInbox([...inbox, ...news.map(({ id }) => id)]);
  const shown = useMemo(() => {
    const listed = inbox === null ? sections : { favourites: [], others: inbox.flatMap((id) => rooms.get(id) ?? []) };
    if (query.trim() === '') return listed;
    const found = [...listed.favourites, ...listed.others].filter((room) => matchRank(room.name, query) !== null || matchRank(room.topic ?? '', query) !== null);
    return { favourites: [], others: found };
  }, [sections, rooms, inbox, query]);

  const markAllRead = () => {
    const undo = client.reading.markAllRead();
    showToast({ key: 'all-read', title: t('undo.read'), tone: 'info', action: { label: t('undo.action'), run: undo } });
  };

  return (
    <nav className={styles['side']} tabIndex={-1} aria-label={t('rooms.title')}>
      <header className={styles['header']}>
        <Heading>{t('rooms.title')}</Heading>
        <div className={styles['tools']}>
          <IconButton label={t('search.title')} data-testid="search-open" onClick={onSearch}><TextSearch /></IconButton>
          <IconButton label={t('saved.title')} data-testid="saved-open" onClick={onSaved}><Bookmark /></IconButton>
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
            <IconButton label={t('rooms.markAllRead')} data-testid="mark-all-read" onClick={markAllRead}><CheckCheck /></IconButton>
          )}
        </div>
      )}
      <div ref={setScroller} className={styles['scroll']}>
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
        {query.trim() !== '' && shown.others.length + shown.favourites.length === 0 && <p className={styles['none']}>{t('rooms.none', { query: query.trim() })}</p>}
        <RoomRows scroller={scroller} sections={shown} current={current} sorted={inbox === null && query.trim() === ''} />
        {inbox === null && status === 'ready' && <PeopleSection current={current} query={query} onNew={onMessage} />}
      </div>
      <footer className={styles['footer']}>{footer}</footer>
    </nav>
  );
});
