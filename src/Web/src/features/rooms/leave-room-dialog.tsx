import { useState } from 'react';
import { errorCode } from '@/lib/api/http';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { offerUndo } from '@/lib/offer-undo';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { useStore } from '@/lib/use-store';
import { Button } from '@/ui/button';
import { Dialog, DialogBody, DialogFooter } from '@/ui/dialog';
import { FormError } from '@/ui/field';

interface LeaveRoomDialogProps {
  room: RoomEntry;
  /** Shows who could become an owner. */
  onMembers: () => void;
  onClose: () => void;
}

export function LeaveRoomDialog({ room, onMembers, onClose }: LeaveRoomDialogProps) {
  const t = useT();
  const { client, me } = useChat();
  const members = useStore(client.live.members, (all) => all.get(room.id));
  // Of a long list that is not loaded to its end only the server knows.
  const isOnlyOwner = room.role === 'owner' && members?.status === 'ready' && members.nextCursor === null
    && members.items.length > 1 && !members.items.some(({ user, role }) => role === 'owner' && user.id !== me.id);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const leave = async () => {
    if (room.role !== 'owner') {
      onClose();
      navigate({ view: 'rooms' }, true);
      offerUndo(client, t, { kind: 'leave', room: room.id, id: room.id }, room.name);
      return;
    }
    setBusy(true);
    try {
      await client.leave(room.id);
      onClose();
      navigate({ view: 'rooms' }, true);
    } catch (failure) {
      setError(errorCode(failure));
      setBusy(false);
    }
  };

  if (isOnlyOwner) {
    return (
      <Dialog title={t('leave.title', { room: room.name })} onClose={onClose} size="s" testId="leave-dialog">
        <DialogBody>
          <p>{t('error.last_owner')}</p>
          <DialogFooter>
            <Button variant="ghost" onClick={onClose}>{t('common.cancel')}</Button>
            <Button data-autofocus data-testid="leave-members" onClick={onMembers}>{t('conversation.members.show')}</Button>
          </DialogFooter>
        </DialogBody>
      </Dialog>
    );
  }

  return (
    <Dialog title={t('leave.title', { room: room.name })} onClose={onClose} size="s" testId="leave-dialog">
      <DialogBody>
        <FormError>{error && translateError(t, error)}</FormError>
        <p>{t(room.visibility === 'private' ? 'leave.text.private' : 'leave.text')}</p>
        <DialogFooter>
          <Button variant="ghost" data-autofocus onClick={onClose}>{t('common.cancel')}</Button>
          <Button variant="danger" busy={busy} data-testid="leave-confirm" onClick={() => void leave()}>{t('leave.submit')}</Button>
        </DialogFooter>
      </DialogBody>
    </Dialog>
  );
}
