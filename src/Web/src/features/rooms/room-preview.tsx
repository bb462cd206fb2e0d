import { useEffect, useState } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Room } from '@/lib/api/schemas';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { hashOf, navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { Avatar } from '@/ui/avatar';
import { Button } from '@/ui/button';
import { Skeleton } from '@/ui/empty';
import { FormError } from '@/ui/field';
import styles from './rooms.module.css';

/** What the address of a room shows to somebody who is not in it: a public room with Join; of any other, that there is none. */
export function RoomPreview({ id }: { id: string }) {
  const t = useT();
  const { client, session } = useChat();
  const [room, setRoom] = useState<Room | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    let current = true;
    session.api.room(id).then(
      (found) => current && setRoom(found),
      (failure: unknown) => {
        if (!current) return;
        const code = errorCode(failure);
        if (code !== 'not_found' && code !== 'forbidden') {
          setError(code);
          return;
        }
        showToast({ key: 'no-room', title: t('rooms.notFound'), tone: 'error' });
        navigate({ view: 'rooms' }, true);
      },
    );
    return () => {
      current = false;
    };
  }, [id, session, t]);

  const join = async () => {
    setBusy(true);
    try {
      await client.join(id);
    } catch (failure) {
      setError(errorCode(failure));
      setBusy(false);
    }
  };

  return (
    <div className={styles['preview']} data-testid="room-preview-page" data-room-id={id}>
      {!room && !error && <div role="status" aria-label={t('common.loading')}><Skeleton rows={3} /></div>}
      <div className={styles['previewCard']}>
        <FormError>{error && translateError(t, error)}</FormError>
        {room && (
          <>
            <Avatar id={room.id} name={room.name} picture={room.picture} square size={96} />
            <h1>{room.name}</h1>
            {room.topic && <p>{room.topic}</p>}
            <p>{t('discover.members', { count: room.memberCount })}</p>
            <Button variant="primary" busy={busy} data-testid="join-room" onClick={() => void join()}>{t('rooms.joinThis')}</Button>
          </>
        )}
        <a href={hashOf({ view: 'rooms' })}>{t('conversation.backToRooms')}</a>
      </div>
    </div>
  );
}
