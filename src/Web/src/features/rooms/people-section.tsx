import { AtSign, BellOff, MoreHorizontal, PencilLine, Plus, Users } from 'lucide-react';
import { lazy, memo, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { byName, isDirect, otherOf, type RoomEntry } from '@/lib/chat/room-entry';
import { needsAttention, sectionsOf } from '@/lib/chat/room-order';
import { drafts, hasDraft } from '@/lib/drafts';
import { useT } from '@/lib/i18n/use-t';
import { matchRank } from '@/lib/match';
import { hashOf } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { useStore, useStoreByFrame } from '@/lib/use-store';
import { IconButton } from '@/ui/button';
import { PersonAvatar } from '@/ui/person-avatar';
import { placeOf, type MenuPlace } from './room-item';
import rows from './room-list.module.css';
import { usePreferencesFailed } from './use-preferences-failed';
import styles from './people-section.module.css';

const RoomMenu = lazy(() => import('./room-menu').then((m) => ({ default: m.RoomMenu })));

interface PeopleSectionProps {
  current: string | null;
  /** What is searched for in the list. */
  query: string;
  onNew: () => void;
}

/** Each costs the server a subscription. */
const watchedAtMost = 40;

/** The direct rooms, below the others: who is online is seen at their avatars. */
export const PeopleSection = memo(function PeopleSection({ current, query, onNew }: PeopleSectionProps) {
  const t = useT();
  const { client } = useChat();
  const rooms = useStoreByFrame(client.rooms, (value) => value);
  const people = useMemo(
    () => [...rooms.values()]
      .filter((room) => isDirect(room) && !room.preferences.favourite && (!room.hidden || room.id === current || query.trim() !== '') && (query.trim() === '' || matchRank(room.name, query) !== null))
      .sort(byName),
    [rooms, current, query],
  );
  const [menu, setMenu] = useState<{ room: string; at: MenuPlace } | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const failed = usePreferencesFailed();
  const openMenu = useCallback((room: string, at: MenuPlace) => setMenu({ room, at }), []);
  const chosen = menu && rooms.get(menu.room);
  const closeMenu = (refocus: boolean) => {
    setMenu(null);
    if (refocus && menu) list.current?.querySelector<HTMLElement>(`[data-room-id="${CSS.escape(menu.room)}"]`)?.focus();
  };
  return (
    <section aria-label={t('people.title')} data-testid="people-section">
      <header className={styles['header']}>
        <h2>{t('people.title')}</h2>
        <IconButton label={t('people.new')} data-testid="new-message" onClick={onNew}><Plus /></IconButton>
      </header>
      <ul ref={list} className={styles['list']} data-testid="people-list">
        {people.map((room, index) => <PersonItem key={room.id} room={room} active={room.id === current} watch={index < watchedAtMost} onMenu={openMenu} />)}
      </ul>
      {menu && chosen && (
        <Suspense fallback={null}>
          <RoomMenu key={menu.room} room={chosen} at={menu.at} favourites={sectionsOf(rooms.values()).favourites} onClose={closeMenu} onFailed={failed} />
        </Suspense>
      )}
    </section>
  );
});

interface PersonItemProps {
  room: RoomEntry;
  active: boolean;
  watch: boolean;
  onMenu: (room: string, at: MenuPlace) => void;
}

const PersonItem = memo(function PersonItem({ room, active, watch, onMenu }: PersonItemProps) {
  const t = useT();
  const { client, me } = useChat();
  const { unread, preferences } = room;
  const single = otherOf(room);
  const online = useStoreByFrame(client.live.presence, (all) => {
    const presence = single && all.get(room.id);
    return !presence || presence.state === 'unknown' ? null : (presence.online?.has(single.id) ?? null);
  });
  const status = useStore(client.people.statuses, (all) => (single ? all.get(single.id) : undefined));
  const draft = hasDraft(useStore(drafts, (value) => value), me.id, room.id) && !active;
  const { live } = client;
  useEffect(() => {
    if (!watch || !single) return;
    live.watch(room.id);
    return () => live.unwatch(room.id);
  }, [live, room.id, watch, single]);

  return (
    <li className={rows['person']}>
      <a
        className={rows['item']}
        href={hashOf({ view: 'room', room: room.id })}
        aria-current={active ? 'page' : undefined}
        title={status ? `${room.name}: ${status.emoji} ${status.text}` : room.name}
        data-testid="room-item"
        data-room-id={room.id}
        data-online={online ?? 'unknown'}
        data-unread={(unread > 0 && needsAttention(room)) || undefined}
        data-muted={preferences.muted || undefined}
        onContextMenu={(event) => {
          event.preventDefault();
          onMenu(room.id, placeOf(event));
        }}
      >
        {single ? <PersonAvatar id={single.id} name={single.displayName} size={20} online={online} /> : <span className={styles['group']}><Users aria-hidden="true" /></span>}
        <span className={rows['name']} data-testid="room-name">{room.name}</span>
        {status && status.emoji !== '' && <span aria-hidden="true">{status.emoji}</span>}
        {online !== null && <span className="visually-hidden">{t(online ? 'members.isOnline' : 'members.isOffline')}</span>}
        {preferences.muted && <BellOff role="img" aria-label={t('rooms.muted')} data-testid="room-muted" />}
        {draft && <PencilLine role="img" aria-label={t('rooms.draft')} data-testid="room-draft" />}
        {unread > 0 && (
          <span className={rows['mentions']} data-testid="mention-count" data-count={unread}>
            <AtSign aria-hidden="true" />
            <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
            <span className="visually-hidden">{t('rooms.unread', { count: unread })}</span>
          </span>
        )}
      </a>
      {/* By the keyboard: the menu key, as everywhere. */}
      <button
        type="button"
        className={rows['more']}
        aria-label={t('rooms.menu', { name: room.name })}
        aria-haspopup="menu"
        tabIndex={-1}
        data-testid="room-item-menu"
        onClick={({ currentTarget }) => onMenu(room.id, currentTarget.getBoundingClientRect())}
      >
        <MoreHorizontal aria-hidden="true" />
      </button>
    </li>
  );
});
