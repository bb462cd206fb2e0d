import { useState } from 'react';
import { errorCode } from '@/lib/api/http';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { offerUndo } from '@/lib/offer-undo';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { Button } from '@/ui/button';
import { Dialog, DialogBody, DialogFooter } from '@/ui/dialog';
import { FormError } from '@/ui/field';

export function LeaveRoomDialog({ room, onClose }: { room: RoomEntry; onClose: () => void }) {
  const t = useT();
  const { client } = useChat();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const leave = async () => {
    if (room.role !== 'owner') {
      onClose();
      navigate({ view: 'rooms' }, true);
      offerUndo(client, t, { kind: 'leave', room: room.id, id: room.id }, room.name);
      return;
    }
    // Whether an owner may leave, the server says: they learn it here.
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
