import { Copy, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Invite } from '@/lib/api/schemas';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { copyText } from '@/lib/clipboard';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { Button, IconButton } from '@/ui/button';
import { Dialog, DialogBody } from '@/ui/dialog';
import { Skeleton } from '@/ui/empty';
import { FormError } from '@/ui/field';
import styles from './invites.module.css';

const hour = 3600;
const lives = [hour, 24 * hour, 7 * 24 * hour, 30 * 24 * hour] as const;
const uses = [1, 10, 100, null] as const;

/** The room's invitations: make one, copy its link, end it. */
export function InviteDialog({ room, onClose }: { room: RoomEntry; onClose: () => void }) {
  const t = useT();
  const { client } = useChat();
  const [list, setList] = useState<readonly Invite[] | null>(null);
  const [expiresIn, setExpiresIn] = useState<number>(lives[2]);
  const [maxUses, setMaxUses] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  useEffect(() => {
    client.api.invites(room.id).then((page) => setList(page.items), (failure: unknown) => setError(errorCode(failure)));
  }, [client, room.id]);

  const attempt = async (change: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await change();
    } catch (failure) {
      setError(errorCode(failure));
    }
    setBusy(false);
  };

  const copy = (invite: Invite) => copyText(t, invite.url, t('invites.copied'));

  const create = () => attempt(async () => {
    const invite = await client.api.createInvite(room.id, { expiresIn, ...(maxUses !== null && { maxUses }) });
    setList((all) => [invite, ...(all ?? [])]);
    await copy(invite);
  });

  const revoke = (invite: Invite) => attempt(async () => {
    await client.api.revokeInvite(room.id, invite.code);
    setList((all) => (all ?? []).filter(({ code }) => code !== invite.code));
  });

  return (
    <Dialog title={t('invites.title', { room: room.name })} onClose={onClose} testId="invite-dialog">
      <DialogBody>
        <FormError>{error && translateError(t, error)}</FormError>
        <p>{t('invites.text')}</p>
        <div className={styles['form']}>
          <label>
            {t('invites.life')}
            <select value={expiresIn} data-testid="invite-life" onChange={({ target }) => setExpiresIn(Number(target.value))}>
              {lives.map((seconds) => <option key={seconds} value={seconds}>{life(t, seconds)}</option>)}
            </select>
          </label>
          <label>
            {t('invites.uses')}
            <select value={maxUses ?? ''} data-testid="invite-uses" onChange={({ target }) => setMaxUses(target.value === '' ? null : Number(target.value))}>
              {uses.map((count) => <option key={count ?? ''} value={count ?? ''}>{count ?? t('invites.uses.any')}</option>)}
            </select>
          </label>
          <Button variant="primary" busy={busy} data-autofocus data-testid="invite-create" onClick={() => void create()}>{t('invites.create')}</Button>
        </div>
        {list === null && !error && <Skeleton rows={2} />}
        <ul className={styles['list']}>
          {(list ?? []).map((invite) => (
            <li key={invite.code} data-testid="invite">
              <span className={styles['link']}>
                <input readOnly value={invite.url} aria-label={t('invites.link')} data-testid="invite-url" onFocus={({ target }) => target.select()} />
                <span className={styles['note']}>
                  {invite.maxUses === null ? t('invites.used', { count: invite.uses }) : t('invites.usedOf', { count: invite.uses, max: invite.maxUses })}
                  {' · '}
                  {t('invites.until', { time: new Date(invite.expiresAt).toLocaleString(t.locale, { dateStyle: 'medium', timeStyle: 'short' }) })}
                </span>
              </span>
              <IconButton label={t('invites.copy')} data-testid="invite-copy" onClick={() => void copy(invite)}><Copy /></IconButton>
              <IconButton label={t('invites.revoke')} data-testid="invite-revoke" onClick={() => void revoke(invite)}><Trash2 /></IconButton>
            </li>
          ))}
        </ul>
      </DialogBody>
    </Dialog>
  );
}

function life(t: ReturnType<typeof useT>, seconds: number): string {
  const days = seconds / (24 * hour);
  return days < 1 ? t('invites.hours', { count: seconds / hour }) : t('invites.days', { count: days });
}
