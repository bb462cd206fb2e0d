import { useState } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Ban } from '@/lib/api/schemas';
import { fullTime } from '@/lib/dates';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { Button } from '@/ui/button';
import { Empty, Skeleton } from '@/ui/empty';
import { FormError } from '@/ui/field';
import { PersonAvatar } from '@/ui/person-avatar';
import styles from './room-settings.module.css';
import { usePages } from './use-pages';

/** Who may not come back, and why. */
export function RoomBans({ room }: { room: string }) {
  const t = useT();
  const { client } = useChat();
  const { items, more, error, remove } = usePages<Ban>((cursor) => client.api.bans(room, cursor), room);
  const [failure, setFailure] = useState<string | null>(null);
  const unban = async (ban: Ban) => {
    try {
      await client.api.unban(room, ban.user.id);
      remove(ban);
      showToast({ key: 'unban', title: t('room.unban.done', { name: ban.user.displayName }), tone: 'info' });
    } catch (problem) {
      setFailure(errorCode(problem));
    }
  };
  const shown = failure ?? error;
  return (
    <>
      <FormError>{shown && translateError(t, shown)}</FormError>
      {items === null && !shown && <Skeleton rows={3} />}
      {items?.length === 0 && <Empty title={t('room.bans.none')} />}
      <ul className={styles['list']}>
        {(items ?? []).map((ban) => (
          <li key={ban.user.id} data-testid="ban-entry">
            <PersonAvatar id={ban.user.id} name={ban.user.displayName} size={28} />
            <span className={styles['text']}>
              <strong>{ban.user.displayName}</strong>
              <span title={fullTime(t, ban.ts)}>{t('room.bans.by', { name: ban.by.displayName })}{ban.reason && ` · ${ban.reason}`}</span>
            </span>
            <Button size="s" data-testid="unban" onClick={() => void unban(ban)}>{t('room.unban')}</Button>
          </li>
        ))}
      </ul>
      {more && <Button variant="ghost" wide onClick={more}>{t('common.more')}</Button>}
    </>
  );
}
