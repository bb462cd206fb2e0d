import { MessagesSquare } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { ConnectionBanner } from '@/features/connection/connection-banner';
import { Conversation } from '@/features/conversation/conversation';
import { MembersPanel } from '@/features/members/members-panel';
import { ToastHost } from '@/features/notifications/toast-host';
import { useNotifications } from '@/features/notifications/use-notifications';
import { TypingIndicator } from '@/features/presence/typing-indicator';
import { RoomList } from '@/features/rooms/room-list';
import { RoomPreview } from '@/features/rooms/room-preview';
import type { Removal } from '@/lib/chat/roles';
import { useT } from '@/lib/i18n/use-t';
import { modifierName } from '@/lib/platform';
import { profileShown } from '@/lib/overlays';
import { navigate, route as routeStore } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { phone, useMedia, wide } from '@/lib/use-media';
import { useStore, useStoreByFrame } from '@/lib/use-store';
import { Empty } from '@/ui/empty';
import { AccountMenu } from './account-menu';
import { useLeaveGuard } from './use-leave-guard';
import { useRemovedRooms } from './use-removed-rooms';
import { useShortcuts, type Overlay } from './use-shortcuts';
import styles from './shell.module.css';

const membersKey = 'akkachat.members';

/** Not part of the first view, but loaded before they are opened: a dialog must open offline too, and after the server has a newer version. */
const dialogs = {
  create: () => import('@/features/rooms/create-room-dialog').then((m) => ({ default: m.CreateRoomDialog })),
  details: () => import('@/features/rooms/room-details-dialog').then((m) => ({ default: m.RoomDetailsDialog })),
  discover: () => import('@/features/rooms/discover-dialog').then((m) => ({ default: m.DiscoverDialog })),
  leave: () => import('@/features/rooms/leave-room-dialog').then((m) => ({ default: m.LeaveRoomDialog })),
  picture: () => import('@/features/rooms/room-picture-dialog').then((m) => ({ default: m.RoomPictureDialog })),
  roomSettings: () => import('@/features/rooms/room-settings-dialog').then((m) => ({ default: m.RoomSettingsDialog })),
  message: () => import('@/features/people/new-message-dialog').then((m) => ({ default: m.NewMessageDialog })),
  profile: () => import('@/features/people/profile-dialog').then((m) => ({ default: m.ProfileDialog })),
  removal: () => import('@/features/members/removal-dialog').then((m) => ({ default: m.RemovalDialog })),
  switcher: () => import('@/features/rooms/room-switcher').then((m) => ({ default: m.RoomSwitcher })),
  acceptInvite: () => import('@/features/invites/accept-invite-dialog').then((m) => ({ default: m.AcceptInviteDialog })),
  invite: () => import('@/features/invites/invite-dialog').then((m) => ({ default: m.InviteDialog })),
  saved: () => import('@/features/saved/saved-dialog').then((m) => ({ default: m.SavedDialog })),
  search: () => import('@/features/search/search-dialog').then((m) => ({ default: m.SearchDialog })),
  topic: () => import('@/features/rooms/topic-dialog').then((m) => ({ default: m.TopicDialog })),
  settings: () => import('@/features/settings/settings-dialog').then((m) => ({ default: m.SettingsDialog })),
  shortcuts: () => import('@/features/settings/shortcuts-dialog').then((m) => ({ default: m.ShortcutsDialog })),
};
const CreateRoomDialog = lazy(dialogs.create);
const RoomDetailsDialog = lazy(dialogs.details);
const DiscoverDialog = lazy(dialogs.discover);
const LeaveRoomDialog = lazy(dialogs.leave);
const RoomPictureDialog = lazy(dialogs.picture);
const RoomSettingsDialog = lazy(dialogs.roomSettings);
const NewMessageDialog = lazy(dialogs.message);
const ProfileDialog = lazy(dialogs.profile);
const RemovalDialog = lazy(dialogs.removal);
const RoomSwitcher = lazy(dialogs.switcher);
const AcceptInviteDialog = lazy(dialogs.acceptInvite);
const InviteDialog = lazy(dialogs.invite);
const SavedDialog = lazy(dialogs.saved);
const SearchDialog = lazy(dialogs.search);
const TopicDialog = lazy(dialogs.topic);
const SettingsDialog = lazy(dialogs.settings);
const ShortcutsDialog = lazy(dialogs.shortcuts);

const loadThread = () => import('@/features/conversation/thread-pane').then((m) => ({ default: m.ThreadPane }));
const ThreadPane = lazy(loadThread);

const afterFirstViewMs = 1_500;

/** The three panes: rooms, the conversation, its members. On a phone one at a time. */
export function Shell() {
  const t = useT();
  const { client } = useChat();
  const route = useStore(routeStore, (value) => value);
  const connection = useStore(client.socket.state, (value) => value);
  const status = useStore(client.roomsStatus, (value) => value);
  const current = route.view === 'room' ? route.room : null;
  const thread = route.view === 'room' ? (route.thread ?? null) : null;
  const room = useStoreByFrame(client.rooms, (rooms) => (current === null ? undefined : rooms.get(current)));
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  // Here, since the panel may close under it.
  const [removal, setRemoval] = useState<Removal | null>(null);
  const isWide = useMedia(wide);
  const [docked, setDocked] = useState(() => localStorage.getItem(membersKey) !== 'hidden');
  const [sheet, setSheet] = useState(false);
  const membersShown = isWide ? docked : sheet;
  const isPhone = useMedia(phone);
  const onlyList = isPhone && !room && current === null;
  // Where there is no place for both, a thread stands in the place of its room.
  const threadOnly = !isWide && room !== undefined && thread !== null;
  // What the search begins with; otherwise with the last one.
  const [preset, setPreset] = useState('');
  const close = useCallback(() => {
    setOverlay(null);
    setPreset('');
  }, []);
  const search = useCallback((text = '') => {
    setPreset(text);
    setOverlay('search');
  }, []);
  const searchAll = useCallback(() => search(), [search]);

  const profile = useStore(profileShown, (value) => value);

  useShortcuts(current, setOverlay);
  useNotifications(current);
  useRemovedRooms(current);
  useLeaveGuard();

  useEffect(() => {
    // What fails is loaded again when it is opened.
    const timer = setTimeout(() => [...Object.values(dialogs), loadThread].forEach((load) => void load().catch(() => undefined)), afterFirstViewMs);
    return () => clearTimeout(timer);
  }, []);

  // The address of a room that the user is not in.
  const stranger = status === 'ready' && !room ? current : null;
  const [wanted, setWanted] = useState('');

  const [sheetRoom, setSheetRoom] = useState(current);
  if (sheetRoom !== current) {
    setSheetRoom(current);
    setSheet(false);
  }

  const sheetOpen = sheet && !isWide && Boolean(room);
  useEffect(() => {
    if (!sheetOpen) return;
    const onKeyDown = (event: KeyboardEvent) => {
      // A dialog over it takes the key for itself.
      if (event.key === 'Escape' && !document.querySelector('dialog[open]')) setSheet(false);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [sheetOpen]);

  const toggleMembers = useCallback(() => {
    if (thread !== null && current !== null) {
      // The members take the place of the thread.
      navigate({ view: 'room', room: current });
      if (isWide) setDocked(true);
      else setSheet(true);
      return;
    }
    if (!isWide) {
      setSheet(!sheet);
      return;
    }
    setDocked(!docked);
    localStorage.setItem(membersKey, docked ? 'hidden' : 'shown');
  }, [isWide, sheet, docked, thread, current]);
  // The same elements for as long as nothing of theirs changes: a message in the open room must not draw the list of rooms again.
  const create = useCallback((name = '') => {
    setWanted(name);
    setOverlay('create');
  }, []);
  const createNew = useCallback(() => create(), [create]);
  const message = useCallback(() => setOverlay('message'), []);
  const discover = useCallback(() => setOverlay('discover'), []);
  const showMembers = () => {
    close();
    if (!membersShown || thread !== null) toggleMembers();
  };
  const showSaved = useCallback(() => setOverlay('saved'), []);
  const account = useMemo(() => <AccountMenu onSettings={() => setOverlay('settings')} onShortcuts={() => setOverlay('shortcuts')} />, []);

  return (
    <div className={styles['app']}>
      {room && <a className={styles['skip']} href="#conversation" onClick={skip}>{t('app.skip')}</a>}
      <ConnectionBanner state={connection} onRetry={() => client.socket.retryNow()} />
      <div className={styles['panes']} data-room={room ?? stranger ? '' : undefined} data-members={room && membersShown && thread === null ? '' : undefined} data-thread={room && thread !== null ? '' : undefined}>
        <div className={styles['rooms']} role={onlyList ? 'main' : undefined}>
          <div className={styles['content']}>
            <RoomList
              current={current}
              onCreate={createNew}
              onDiscover={discover}
              onSearch={searchAll}
              onSaved={showSaved}
              onMessage={message}
              footer={account}
            />
          </div>
          {onlyList && <ToastHost />}
        </div>
        <div className={styles['main']} role={onlyList || threadOnly ? undefined : 'main'}>
          {!onlyList && !threadOnly && <ToastHost />}
          <div className={styles['content']}>
            {room ? (
              <Conversation
                key={room.id}
                room={room}
                membersShown={membersShown && thread === null}
                onToggleMembers={toggleMembers}
                onDetails={() => setOverlay('details')}
                onChangeTopic={() => setOverlay('topic')}
                onChangePicture={() => setOverlay('picture')}
                onInvite={() => setOverlay('invite')}
                onSearch={search}
                onSettings={() => setOverlay('roomSettings')}
                onLeave={() => setOverlay('leave')}
                typing={<TypingIndicator room={room.id} />}
              />
            ) : stranger !== null ? (
              <RoomPreview key={stranger} id={stranger} />
            ) : (
              <div className={styles['nothing']}>
                <Empty icon={<MessagesSquare />} title={t('conversation.none.title')} text={t('conversation.none.text', { key: `${modifierName}+K` })} />
              </div>
            )}
          </div>
        </div>
        {room && thread !== null && (
          <div className={styles['thread']} role={threadOnly ? 'main' : undefined}>
            {threadOnly && <ToastHost />}
            <Suspense fallback={null}>
              <ThreadPane key={thread} room={room} id={thread} />
            </Suspense>
          </div>
        )}
        {room && membersShown && thread === null && (
          <>
            {!isWide && <div className={styles['scrim']} onClick={() => setSheet(false)} />}
            <div className={styles['members']}>
              <MembersPanel room={room.id} role={room.role} count={room.memberCount} onRemove={setRemoval} onClose={toggleMembers} />
            </div>
          </>
        )}
      </div>
      <Suspense fallback={null}>
        {overlay === 'create' && <CreateRoomDialog startName={wanted} onClose={close} />}
        {overlay === 'discover' && <DiscoverDialog onClose={close} onCreate={create} />}
        {overlay === 'switcher' && <RoomSwitcher onClose={close} onDiscover={() => setOverlay('discover')} onSearch={search} />}
        {overlay === 'saved' && <SavedDialog onClose={close} />}
        {overlay === 'search' && <SearchDialog key={preset} preset={preset} onClose={close} />}
        {overlay === 'settings' && <SettingsDialog onClose={close} />}
        {overlay === 'shortcuts' && <ShortcutsDialog onClose={close} />}
        {overlay === 'topic' && room && <TopicDialog room={room} onClose={close} />}
        {overlay === 'details' && room && (
          <RoomDetailsDialog
            room={room}
            onMembers={showMembers}
            onInvite={() => setOverlay('invite')}
            onSettings={() => setOverlay('roomSettings')}
            onClose={close}
          />
        )}
        {overlay === 'picture' && room && <RoomPictureDialog room={room} onClose={close} />}
        {overlay === 'invite' && room && <InviteDialog room={room} onClose={close} />}
        {route.view === 'invite' && <AcceptInviteDialog key={route.code} code={route.code} />}
        {overlay === 'roomSettings' && room && <RoomSettingsDialog room={room} onPicture={() => setOverlay('picture')} onInvites={() => setOverlay('invite')} onClose={close} />}
        {overlay === 'message' && <NewMessageDialog onClose={close} />}
        {profile && <ProfileDialog key={profile.user} {...profile} onRemove={setRemoval} onClose={closeProfile} />}
        {removal && room && <RemovalDialog room={room.id} removal={removal} onClose={() => setRemoval(null)} />}
        {overlay === 'leave' && room && <LeaveRoomDialog room={room} onMembers={showMembers} onClose={close} />}
      </Suspense>
    </div>
  );
}

const closeProfile = (): void => profileShown.set(null);

/** Moves the focus only: the address belongs to the router. */
function skip(event: { preventDefault: () => void }): void {
  event.preventDefault();
  document.getElementById('conversation')?.focus();
}
