import { MessagesSquare } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { ConnectionBanner } from '@/features/connection/connection-banner';
import { Conversation } from '@/features/conversation/conversation';
import { AcceptInviteDialog } from '@/features/invites/accept-invite-dialog';
import { InviteDialog } from '@/features/invites/invite-dialog';
import { MembersPanel } from '@/features/members/members-panel';
import { ToastHost } from '@/features/notifications/toast-host';
import { useNotifications } from '@/features/notifications/use-notifications';
import { TypingIndicator } from '@/features/presence/typing-indicator';
import { CreateRoomDialog } from '@/features/rooms/create-room-dialog';
import { DiscoverDialog } from '@/features/rooms/discover-dialog';
import { LeaveRoomDialog } from '@/features/rooms/leave-room-dialog';
import { RoomList } from '@/features/rooms/room-list';
import { RoomPictureDialog } from '@/features/rooms/room-picture-dialog';
import { RoomSwitcher } from '@/features/rooms/room-switcher';
import { TopicDialog } from '@/features/rooms/topic-dialog';
import { SettingsDialog } from '@/features/settings/settings-dialog';
import { ShortcutsDialog } from '@/features/settings/shortcuts-dialog';
import { useT } from '@/lib/i18n/use-t';
import { modifierName } from '@/lib/platform';
import { navigate, route as routeStore } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { phone, useMedia, wide } from '@/lib/use-media';
import { useStore } from '@/lib/use-store';
import { Empty } from '@/ui/empty';
import { AccountMenu } from './account-menu';
import { useDropGuard } from './use-drop-guard';
import { useLeaveGuard } from './use-leave-guard';
import { useRemovedRooms } from './use-removed-rooms';
import { useShortcuts, type Overlay } from './use-shortcuts';
import styles from './shell.module.css';

const membersKey = 'akkachat.members';

/** The three panes: rooms, the conversation, its members. On a phone one at a time. */
export function Shell() {
  const t = useT();
  const { client } = useChat();
  const route = useStore(routeStore, (value) => value);
  const connection = useStore(client.socket.state, (value) => value);
  const status = useStore(client.roomsStatus, (value) => value);
  const current = route.view === 'room' ? route.room : null;
  const room = useStore(client.rooms, (rooms) => (current === null ? undefined : rooms.get(current)));
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const isWide = useMedia(wide);
  const [docked, setDocked] = useState(() => localStorage.getItem(membersKey) !== 'hidden');
  const [sheet, setSheet] = useState(false);
  const membersShown = isWide ? docked : sheet;
  const isPhone = useMedia(phone);
  const onlyList = isPhone && !room;
  const close = useCallback(() => setOverlay(null), []);

  useShortcuts(current, setOverlay);
  useNotifications(current);
  useRemovedRooms(current);
  useDropGuard();
  useLeaveGuard();

  // The address of a room that the user is not in: show the list instead.
  useEffect(() => {
    if (status === 'ready' && current !== null && !room) navigate({ view: 'rooms' }, true);
  }, [status, current, room]);

  const [sheetRoom, setSheetRoom] = useState(current);
  if (sheetRoom !== current) {
    setSheetRoom(current);
    setSheet(false);
  }

  const toggleMembers = () => {
    if (!isWide) {
      setSheet(!sheet);
      return;
    }
    setDocked(!docked);
    localStorage.setItem(membersKey, docked ? 'hidden' : 'shown');
  };

  return (
    <div className={styles['app']}>
      {room && <a className={styles['skip']} href="#conversation" onClick={skip}>{t('app.skip')}</a>}
      <ConnectionBanner state={connection} onRetry={() => client.socket.retryNow()} />
      <div className={styles['panes']} data-room={room ? '' : undefined} data-members={room && membersShown ? '' : undefined}>
        <div className={styles['rooms']} role={onlyList ? 'main' : undefined}>
          <RoomList
            current={current}
            onCreate={() => setOverlay('create')}
            onDiscover={() => setOverlay('discover')}
            footer={<AccountMenu onSettings={() => setOverlay('settings')} onShortcuts={() => setOverlay('shortcuts')} />}
          />
        </div>
        <div className={styles['main']} role={onlyList ? undefined : 'main'}>
          {room ? (
            <Conversation
              key={room.id}
              room={room}
              membersShown={membersShown}
              onToggleMembers={toggleMembers}
              onChangeTopic={() => setOverlay('topic')}
              onChangePicture={() => setOverlay('picture')}
              onInvite={() => setOverlay('invite')}
              onLeave={() => setOverlay('leave')}
              typing={<TypingIndicator room={room.id} />}
            />
          ) : (
            <div className={styles['nothing']}>
              <Empty icon={<MessagesSquare />} title={t('conversation.none.title')} text={t('conversation.none.text', { key: `${modifierName}+K` })} />
            </div>
          )}
        </div>
        {room && membersShown && (
          <>
            {!isWide && <div className={styles['scrim']} onClick={() => setSheet(false)} />}
            <div className={styles['members']}>
              <MembersPanel room={room.id} role={room.role} count={room.memberCount} onClose={toggleMembers} />
            </div>
          </>
        )}
      </div>
      {overlay === 'create' && <CreateRoomDialog onClose={close} />}
      {overlay === 'discover' && <DiscoverDialog onClose={close} onCreate={() => setOverlay('create')} />}
      {overlay === 'switcher' && <RoomSwitcher onClose={close} onDiscover={() => setOverlay('discover')} />}
      {overlay === 'settings' && <SettingsDialog onClose={close} />}
      {overlay === 'shortcuts' && <ShortcutsDialog onClose={close} />}
      {overlay === 'topic' && room && <TopicDialog room={room} onClose={close} />}
      {overlay === 'picture' && room && <RoomPictureDialog room={room} onClose={close} />}
      {overlay === 'invite' && room && <InviteDialog room={room} onClose={close} />}
      {route.view === 'invite' && <AcceptInviteDialog key={route.code} code={route.code} />}
      {overlay === 'leave' && room && <LeaveRoomDialog room={room} onClose={close} />}
      <ToastHost />
    </div>
  );
}

/** Moves the focus only: the address belongs to the router. */
function skip(event: { preventDefault: () => void }): void {
  event.preventDefault();
  document.getElementById('conversation')?.focus();
}
