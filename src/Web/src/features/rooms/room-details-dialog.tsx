import { Globe, Link, Lock, Settings, UserPlus, Users } from 'lucide-react';
import { rank } from '@/lib/chat/roles';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { copyText } from '@/lib/clipboard';
import { useT } from '@/lib/i18n/use-t';
import { urlOf } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { useStoreByFrame } from '@/lib/use-store';
import { About, AboutActions, AboutText } from '@/ui/about';
import { Avatar } from '@/ui/avatar';
import { Button } from '@/ui/button';
import { Dialog, DialogBody } from '@/ui/dialog';

interface RoomDetailsProps {
  room: RoomEntry;
  onMembers: () => void;
  onInvite: () => void;
  onSettings: () => void;
  onClose: () => void;
}

/** What a room is, with its whole name and topic, and where one goes on from there. */
export function RoomDetailsDialog({ room, onMembers, onInvite, onSettings, onClose }: RoomDetailsProps) {
  const t = useT();
  const { client } = useChat();
  const online = useStoreByFrame(client.live.presence, (all) => all.get(room.id)?.count ?? null);
  const administers = rank(room.role) >= rank('admin');
  const Kind = room.visibility === 'private' ? Lock : Globe;

  const copyLink = async () => {
    await copyText(t, urlOf({ view: 'room', room: room.id }), t('invites.copied'));
    onClose();
  };

  return (
    <Dialog title={t('room.details')} onClose={onClose} size="s" testId="room-details-dialog">
      <DialogBody>
        <About picture={<Avatar id={room.id} name={room.name} picture={room.picture} square size={96} />}>
          <strong data-testid="details-name">{room.name}</strong>
          {room.visibility !== 'direct' && <span><Kind aria-hidden="true" />{t(room.visibility === 'private' ? 'rooms.private' : 'rooms.public')}</span>}
          <span data-testid="details-members-count">
            <Users aria-hidden="true" />
            {t('conversation.details', { count: room.memberCount })}
            {online !== null && ` · ${t('members.onlineCount', { count: online })}`}
          </span>
        </About>
        {room.topic && <AboutText testId="details-topic">{room.topic}</AboutText>}
        {room.archived && <AboutText>{t('room.archived.here')}</AboutText>}
        <AboutActions>
          <Button variant="primary" data-autofocus data-testid="details-members" onClick={onMembers}><Users aria-hidden="true" />{t('conversation.members.show')}</Button>
          <Button data-testid="details-link" onClick={() => void copyLink()}><Link aria-hidden="true" />{t('invites.copy')}</Button>
          {administers && <Button data-testid="details-invite" onClick={onInvite}><UserPlus aria-hidden="true" />{t('invites.action')}</Button>}
          {administers && <Button data-testid="details-settings" onClick={onSettings}><Settings aria-hidden="true" />{t('room.settings')}</Button>}
        </AboutActions>
      </DialogBody>
    </Dialog>
  );
}
