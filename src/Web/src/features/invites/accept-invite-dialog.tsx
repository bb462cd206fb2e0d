import { Globe, Lock } from 'lucide-react';
import { useEffect, useState } from 'react';
import { errorCode } from '@/lib/api/http';
import type { InvitedRoom } from '@/lib/api/schemas';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { Button } from '@/ui/button';
import { Dialog, DialogBody, DialogFooter } from '@/ui/dialog';
import { Skeleton } from '@/ui/empty';
import { FormError } from '@/ui/field';
import styles from './invites.module.css';

/** What an invitation leads to, and whether to join. One who is a member already goes straight to the room. */
export function AcceptInviteDialog({ code }: { code: string }) {
  const t = useT();
  const { client } = useChat();
  const [room, setRoom] = useState<InvitedRoom | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const close = () => navigate({ view: 'rooms' }, true);

  useEffect(() => {
    client.api.invitedRoom(code).then(
      (found) => (found.joined ? navigate({ view: 'room', room: found.room }, true) : setRoom(found)),
      (failure: unknown) => setError(errorCode(failure)),
    );
  }, [client, code]);

  const accept = async () => {
    setBusy(true);
    try {
      const id = await client.acceptInvite(code);
      navigate({ view: 'room', room: id }, true);
    } catch (failure) {
      setError(errorCode(failure));
      setBusy(false);
    }
  };

  const Kind = room?.visibility === 'private' ? Lock : Globe;
  return (
    <Dialog title={t('invites.accept.title')} onClose={close} size="s" testId="accept-invite-dialog">
      <DialogBody>
        <FormError>{error && translateError(t, error)}</FormError>
        {room === null && !error && <Skeleton rows={2} />}
        {room && (
          <div className={styles['room']}>
            <strong><Kind role="img" aria-label={t(room.visibility === 'private' ? 'rooms.private' : 'rooms.public')} /> {room.name}</strong>
            {room.topic && <p>{room.topic}</p>}
            <p className={styles['note']}>{t('conversation.details', { count: room.memberCount })}</p>
          </div>
        )}
        <DialogFooter>
          <Button variant="ghost" onClick={close}>{t(room ? 'common.cancel' : 'common.close')}</Button>
          {room && <Button variant="primary" busy={busy} data-autofocus data-testid="invite-accept" onClick={() => void accept()}>{t('invites.accept.submit')}</Button>}
        </DialogFooter>
      </DialogBody>
    </Dialog>
  );
}
