import { AtSign, PencilLine, Plus, Users } from 'lucide-react';
import { memo, useEffect, useMemo } from 'react';
import { byName, isDirect, type RoomEntry } from '@/lib/chat/room-entry';
import { drafts, hasDraft } from '@/lib/drafts';
import { useT } from '@/lib/i18n/use-t';
import { matchRank } from '@/lib/match';
import { hashOf } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { useStore, useStoreByFrame } from '@/lib/use-store';
import { IconButton } from '@/ui/button';
import { PersonAvatar } from '@/ui/person-avatar';
import rows from './room-list.module.css';
import styles from './people-section.module.css';

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
  return (
    <section aria-label={t('people.title')} data-testid="people-section">
      <header className={styles['header']}>
        <h2>{t('people.title')}</h2>
        <IconButton label={t('people.new')} data-testid="new-message" onClick={onNew}><Plus /></IconButton>
      </header>
      <ul className={styles['list']} data-testid="people-list">
        {people.map((room, index) => <PersonItem key={room.id} room={room} active={room.id === current} watch={index < watchedAtMost} />)}
      </ul>
    </section>
  );
});

/** A direct room in a list. */
export const PersonItem = memo(function PersonItem({ room, active, watch }: { room: RoomEntry; active: boolean; watch: boolean }) {
  const t = useT();
  const { client, me } = useChat();
  const { unread } = room;
  const [first] = room.people;
  const single = room.people.length === 1 ? first : undefined;
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
    <li>
      <a
        className={rows['item']}
        href={hashOf({ view: 'room', room: room.id })}
        aria-current={active ? 'page' : undefined}
        title={status ? `${room.name}: ${status.emoji} ${status.text}` : room.name}
        data-testid="room-item"
        data-room-id={room.id}
        data-online={online ?? 'unknown'}
        data-unread={unread > 0 || undefined}
      >
        {single ? <PersonAvatar id={single.id} name={single.displayName} size={20} online={online} /> : <span className={styles['group']}><Users aria-hidden="true" /></span>}
        <span className={rows['name']} data-testid="room-name">{room.name}</span>
        {status && status.emoji !== '' && <span aria-hidden="true">{status.emoji}</span>}
        {online !== null && <span className="visually-hidden">{t(online ? 'members.isOnline' : 'members.isOffline')}</span>}
        {draft && <PencilLine role="img" aria-label={t('rooms.draft')} data-testid="room-draft" />}
        {unread > 0 && (
          <span className={rows['mentions']} data-testid="mention-count" data-count={unread}>
            <AtSign aria-hidden="true" />
            <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
            <span className="visually-hidden">{t('rooms.unread', { count: unread })}</span>
          </span>
        )}
      </a>
    </li>
  );
});
