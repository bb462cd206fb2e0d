import { Archive, ArrowLeft, EyeOff, Globe, IdCard, Image as ImageIcon, Link2, Link2Off, Lock, LogOut, MoreVertical, PencilLine, Pin, Settings, TextSearch, UserPlus, Users } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Message } from '@/lib/api/schemas';
import { rank } from '@/lib/chat/roles';
import { isDirect, otherOf, type RoomEntry } from '@/lib/chat/room-entry';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { showProfile } from '@/lib/overlays';
import { hashOf, navigate, route as routeStore } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { useStore, useStoreByFrame } from '@/lib/use-store';
import { Avatar } from '@/ui/avatar';
import { IconButton } from '@/ui/button';
import { Menu, MenuItem } from '@/ui/menu';
import { PersonAvatar } from '@/ui/person-avatar';
import { BlockedNotice } from './blocked-notice';
import { Composer, type ComposerHandle } from './composer';
import { DropOverlay } from './files/drop-overlay';
import { useFileDrop } from './files/use-file-drop';
import { MessageList } from './message-list';
import styles from './conversation.module.css';

const PinsDialog = lazy(() => import('./pins-dialog').then((m) => ({ default: m.PinsDialog })));

interface ConversationProps {
  room: RoomEntry;
  membersShown: boolean;
  onToggleMembers: () => void;
  /** What the room is: behind its name. */
  onDetails: () => void;
  onChangeTopic: () => void;
  onChangePicture: () => void;
  onInvite: () => void;
  /** Begins a search with this text. */
  onSearch: (text: string) => void;
  onSettings: () => void;
  onLeave: () => void;
  /** Who is typing: a line above the composer. */
  typing: ReactNode;
}

/** One room in view. Mount it with the room's id as its key. */
export function Conversation({ room, membersShown, onToggleMembers, onDetails, onChangeTopic, onChangePicture, onInvite, onSearch, onSettings, onLeave, typing }: ConversationProps) {
  const t = useT();
  const { client, me } = useChat();
  const timeline = useStoreByFrame(client.timelines.all, (all) => all.get(room.id));
  const presence = useStoreByFrame(client.live.presence, (all) => all.get(room.id));
  const [replyTo, setReplyTo] = useState<Message | null>(null);
  const [editing, setEditing] = useState<Message | null>(null);
  const [pinsShown, setPinsShown] = useState(false);
  const [goTo, setGoTo] = useState<{ id: string } | null>(null);
  const linked = useStore(routeStore, (value) => (value.view === 'room' && value.room === room.id ? value.message : undefined));
  const [followed, setFollowed] = useState<string | undefined>(undefined);
  if (linked !== followed) {
    setFollowed(linked);
    if (linked !== undefined) setGoTo({ id: linked });
  }
  const composer = useRef<ComposerHandle>(null);
  const root = useRef<HTMLElement>(null);

  useEffect(() => {
    client.openRoom(room.id);
    return () => client.closeRoom(room.id);
  }, [client, room.id]);

  const toggleLinkCards = async () => {
    try {
      await client.setLinkCards(room.id, !room.linkCards);
      showToast({ key: 'link-cards', title: t(room.linkCards ? 'links.off.done' : 'links.on.done', { room: room.name }), tone: 'info' });
    } catch (error) {
      showToast({ key: 'link-cards', title: translateError(t, errorCode(error)), tone: 'error' });
    }
  };

  const hide = async () => {
    try {
      navigate({ view: 'rooms' });
      await client.hideDirect(room.id);
    } catch (error) {
      showToast({ key: 'hide', title: translateError(t, errorCode(error)), tone: 'error' });
    }
  };

  const cancelReply = useCallback(() => setReplyTo(null), []);
  const focusComposer = useCallback(() => composer.current?.focus(), []);
  const edit = useCallback((message: Message | null) => {
    setEditing(message);
    if (!message) composer.current?.focus();
  }, []);
  const editLast = () => {
    const last = timeline?.log.window.findLast((message) => message.author.id === me.id && !message.deleted);
    if (last) setEditing(last);
    else root.current?.querySelector<HTMLElement>('[data-row][tabindex="0"]')?.focus();
  };
  const count = presence?.state === 'ok' ? presence.count : null;
  const administers = rank(room.role) >= rank('admin');
  const direct = isDirect(room);
  const other = otherOf(room);
  const status = useStore(client.people.statuses, (all) => (other ? all.get(other.id) : undefined));
  const online = !other || presence?.state !== 'ok' ? null : (presence.online?.has(other.id) ?? null);
  const blocked = useStore(client.blocks.users, (users) => other !== undefined && users.has(other.id));
  const closed = room.archived || blocked;
  const over = useFileDrop(root, closed ? null : (files) => composer.current?.attach(files));
  const Kind = room.visibility === 'private' ? Lock : Globe;

  return (
    <section ref={root} id="conversation" tabIndex={-1} className={styles['conversation']} aria-label={room.name} data-testid="conversation" data-room-id={room.id}>
      <header className={styles['header']}>
        <a className={styles['back']} href={hashOf({ view: 'rooms' })} aria-label={t('conversation.backToRooms')} data-testid="back-to-rooms">
          <ArrowLeft aria-hidden="true" />
        </a>
        {other ? <PersonAvatar id={other.id} name={other.displayName} online={online} /> : <Avatar id={room.id} name={room.name} picture={room.picture} square size={36} />}
        <div className={styles['title']}>
          <h1>
            {!direct && <Kind role="img" aria-label={t(room.visibility === 'private' ? 'rooms.private' : 'rooms.public')} />}
            <button type="button" className={styles['name']} title={t(other ? 'people.profile' : 'room.details')} data-testid="conversation-name" onClick={() => (other ? showProfile(other.id, room.id) : onDetails())}>
              <span data-testid="conversation-title">{room.name}</span>
            </button>
            {room.archived && <Archive role="img" aria-label={t('room.archived')} data-testid="archived" />}
          </h1>
          <p>
            {room.topic ? <span className={styles['topic']} title={room.topic} data-testid="conversation-topic">{room.topic}</span> : null}
            {other && <span data-testid="direct-status">{status ? `${status.emoji} ${status.text}`.trim() : online === null ? `@${other.username}` : t(online ? 'members.online' : 'members.offline')}</span>}
            {!room.topic && !other && <span>{t('conversation.details', { count: room.memberCount })}</span>}
            {!room.topic && !other && count !== null && <span data-testid="header-online"> · {t('members.onlineCount', { count })}</span>}
          </p>
        </div>
        <IconButton
          label={t(membersShown ? 'conversation.members.hide' : 'conversation.members.show')}
          active={membersShown}
          aria-pressed={membersShown}
          data-testid="members-toggle"
          onClick={onToggleMembers}
        >
          <Users />
        </IconButton>
        <IconButton label={t('search.inRoom')} data-testid="search-room" onClick={() => onSearch(inRoom(room, client.rooms.get().values()))}>
          <TextSearch />
        </IconButton>
        <IconButton label={t('pin.title')} data-testid="show-pins" onClick={() => setPinsShown(true)}>
          <Pin />
        </IconButton>
        <Menu label={t('conversation.menu')} trigger={<MoreVertical aria-hidden="true" />} testId="room-menu">
          {administers && (
            <MenuItem icon={<UserPlus aria-hidden="true" />} testId="invite-people" onSelect={onInvite}>{t('invites.action')}</MenuItem>
          )}
          {administers && <MenuItem icon={<Settings aria-hidden="true" />} testId="room-settings" onSelect={onSettings}>{t('room.settings')}</MenuItem>}
          {administers && (
            <MenuItem icon={<PencilLine aria-hidden="true" />} testId="change-topic" onSelect={onChangeTopic}>{t('topic.action')}</MenuItem>
          )}
          {administers && (
            <MenuItem icon={<ImageIcon aria-hidden="true" />} testId="change-picture" onSelect={onChangePicture}>{t('picture.action')}</MenuItem>
          )}
          {administers && (
            <MenuItem icon={room.linkCards ? <Link2Off aria-hidden="true" /> : <Link2 aria-hidden="true" />} testId="toggle-link-cards" onSelect={() => void toggleLinkCards()}>
              {t(room.linkCards ? 'links.off' : 'links.on')}
            </MenuItem>
          )}
          {other && <MenuItem icon={<IdCard aria-hidden="true" />} testId="direct-profile" onSelect={() => showProfile(other.id, room.id)}>{t('people.profile')}</MenuItem>}
          {direct ? (
            <MenuItem icon={<EyeOff aria-hidden="true" />} testId="hide-direct" onSelect={() => void hide()}>{t('people.hide')}</MenuItem>
          ) : (
            <MenuItem icon={<LogOut aria-hidden="true" />} danger testId="leave-room" onSelect={onLeave}>{t('leave.action')}</MenuItem>
          )}
        </Menu>
      </header>
      {timeline && (
        <MessageList
          room={room}
          timeline={timeline}
          editing={editing?.id ?? null}
          onEdit={edit}
          onReply={setReplyTo}
          onFocusComposer={focusComposer}
          goTo={goTo}
        />
      )}
      <Suspense fallback={null}>
        {pinsShown && <PinsDialog room={room} onGoTo={({ id }) => setGoTo({ id })} onClose={() => setPinsShown(false)} />}
      </Suspense>
      {over && <DropOverlay text={t('drop.text', { room: room.name })} />}
      <div className={styles['typing']}>{typing}</div>
      {room.archived ? <p className={styles['archived']} data-testid="archived-notice">{t('room.archived.here')}</p> : other && blocked ? <BlockedNotice person={other} /> : <Composer
        ref={composer}
        room={room}
        replyTo={replyTo}
        onCancelReply={cancelReply}
        onLeaveUp={editLast}
      />}
    </section>
  );
}

/** The filter for a room: by its name, unless another of one's rooms has it too. */
function inRoom({ id, name }: RoomEntry, rooms: Iterable<RoomEntry>): string {
  const named = [...rooms].filter((room) => room.name === name).length === 1 && !name.includes('"');
  return `in:${!named ? id : /\s/u.test(name) ? `"${name}"` : name} `;
}
