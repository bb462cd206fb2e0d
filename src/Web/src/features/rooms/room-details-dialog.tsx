import { Globe, Link, Lock, Settings, UserPlus, Users } from 'lucide-react';
import { rank } from '@/lib/chat/roles';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { useT } from '@/lib/i18n/use-t';
import { hashOf } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { useStoreByFrame } from '@/lib/use-store';
import { Avatar } from '@/ui/avatar';
import { Button } from '@/ui/button';
import { Dialog, DialogBody } from '@/ui/dialog';
import styles from './room-details.module.css';

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
    try {
      await navigator.clipboard.writeText(new URL(hashOf({ view: 'room', room: room.id }), location.href).href);
      onClose();
      showToast({ key: 'copied', title: t('invites.copied'), tone: 'info' });
    } catch (error) {
      console.warn('akkachat: the link could not be copied', error);
    }
  };

  return (
    <Dialog title={t('room.details')} onClose={onClose} size="s" testId="room-details-dialog">
      <DialogBody>
        <div className={styles['card']}>
          <Avatar id={room.id} name={room.name} picture={room.picture} square size={96} />
          <div className={styles['names']}>
            <strong data-testid="details-name">{room.name}</strong>
            {room.visibility !== 'direct' && <span><Kind aria-hidden="true" />{t(room.visibility === 'private' ? 'rooms.private' : 'rooms.public')}</span>}
            <span>
              <Users aria-hidden="true" />
              {t('conversation.details', { count: room.memberCount })}
              {online !== null && ` · ${t('members.onlineCount', { count: online })}`}
            </span>
          </div>
        </div>
        {room.topic && <p className={styles['topic']} dir="auto" data-testid="details-topic">{room.topic}</p>}
        {room.archived && <p className={styles['archived']}>{t('room.archived.here')}</p>}
        <div className={styles['actions']}>
          <Button variant="primary" data-autofocus data-testid="details-members" onClick={onMembers}><Users aria-hidden="true" />{t('conversation.members.show')}</Button>
          <Button data-testid="details-link" onClick={() => void copyLink()}><Link aria-hidden="true" />{t('invites.copy')}</Button>
          {administers && <Button onClick={onInvite}><UserPlus aria-hidden="true" />{t('invites.action')}</Button>}
          {administers && <Button onClick={onSettings}><Settings aria-hidden="true" />{t('room.settings')}</Button>}
        </div>
      </DialogBody>
    </Dialog>
  );
}
