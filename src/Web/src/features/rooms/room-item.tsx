import { AtSign, BellOff, Lock, MoreHorizontal, PencilLine } from 'lucide-react';
import { memo, type DragEvent, type MouseEvent } from 'react';
import { isDirect, otherOf, type RoomEntry } from '@/lib/chat/room-entry';
import { needsAttention } from '@/lib/chat/room-order';
import { useT } from '@/lib/i18n/use-t';
import { hashOf } from '@/lib/route';
import { Avatar } from '@/ui/avatar';
import { PersonAvatar } from '@/ui/person-avatar';
import styles from './room-list.module.css';

/** The pointer, or what was pressed. */
export type MenuPlace = DOMRect | { x: number; y: number };

/** From the keyboard there is no pointer. */
export const placeOf = ({ clientX, clientY, currentTarget }: MouseEvent<HTMLElement>): MenuPlace =>
  clientX === 0 && clientY === 0 ? currentTarget.getBoundingClientRect() : { x: clientX, y: clientY };

export interface RoomItemActions {
  readonly openMenu: (room: string, at: MenuPlace) => void;
  readonly focused: (room: string) => void;
  readonly drag: (room: string | null) => void;
  /** Whether what is dragged may be dropped here. */
  readonly dragOver: (room: string) => boolean;
  readonly drop: (room: string) => void;
}

interface RoomItemProps {
  room: RoomEntry;
  active: boolean;
  draft: boolean;
  /** Where Tab enters the list. */
  tabStop: boolean;
  /** Whether it can be moved among the favourites. */
  movable: boolean;
  actions: RoomItemActions;
}

export const RoomItem = memo(function RoomItem({ room, active, draft, tabStop, movable, actions }: RoomItemProps) {
  const t = useT();
  const { id, unread, mentions, preferences } = room;
  const person = otherOf(room);
  const openAtPointer = (event: MouseEvent<HTMLElement>) => {
    event.preventDefault();
    actions.openMenu(id, placeOf(event));
  };
  const start = (event: DragEvent<HTMLElement>) => {
    event.dataTransfer.effectAllowed = 'move';
    actions.drag(id);
  };
  return (
    <>
      <a
        className={styles['item']}
        href={hashOf({ view: 'room', room: id })}
        aria-current={active ? 'page' : undefined}
        title={room.topic === null || room.topic === '' ? room.name : `${room.name}: ${room.topic}`}
        tabIndex={tabStop ? 0 : -1}
        draggable={movable}
        data-testid="room-item"
        data-room-id={id}
        data-unread={(unread > 0 && needsAttention(room)) || undefined}
        data-muted={preferences.muted || undefined}
        onFocus={() => actions.focused(id)}
        onContextMenu={openAtPointer}
        onDragStart={movable ? start : undefined}
        onDragEnd={movable ? () => actions.drag(null) : undefined}
        onDragOver={movable ? (event) => {
          if (actions.dragOver(id)) event.preventDefault();
        } : undefined}
        onDrop={movable ? (event) => {
          event.preventDefault();
          actions.drop(id);
        } : undefined}
      >
        {person ? <PersonAvatar id={person.id} name={person.displayName} size={20} /> : <Avatar id={id} name={room.name} picture={room.picture} square size={20} />}
        <span className={styles['name']} data-testid="room-name">{room.name}</span>
        {room.visibility === 'private' && <Lock role="img" aria-label={t('rooms.private')} />}
        {preferences.muted && <BellOff role="img" aria-label={t('rooms.muted')} data-testid="room-muted" />}
        {draft && !active && <PencilLine role="img" aria-label={t('rooms.draft')} data-testid="room-draft" />}
        {mentions > 0 && (
          <span className={styles['mentions']} data-testid="mention-count" data-count={mentions}>
            <AtSign aria-hidden="true" />
            <span aria-hidden="true">{mentions > 99 ? '99+' : mentions}</span>
            <span className="visually-hidden">{t('rooms.mentions', { count: mentions })}</span>
          </span>
        )}
        {/* In a direct room every message is meant for the user: one number says it. */}
        {unread > 0 && !(isDirect(room) && mentions > 0) && (
          <span className={styles['unread']} data-testid="unread-count" data-count={unread}>
            <span aria-hidden="true">{unread > 999 ? '999+' : unread}</span>
            <span className="visually-hidden">{t('rooms.unread', { count: unread })}</span>
          </span>
        )}
      </a>
      <button
        type="button"
        className={styles['more']}
        aria-label={t('rooms.menu', { name: room.name })}
        aria-haspopup="menu"
        tabIndex={tabStop ? 0 : -1}
        data-testid="room-item-menu"
        onClick={({ currentTarget }) => actions.openMenu(id, currentTarget.getBoundingClientRect())}
      >
        <MoreHorizontal aria-hidden="true" />
      </button>
    </>
  );
});
