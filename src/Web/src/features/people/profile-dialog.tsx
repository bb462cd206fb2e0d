import { Ban, MessageSquare, UserMinus, UserRoundCheck, UserRoundX } from 'lucide-react';
import { useEffect, useState } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Profile } from '@/lib/api/schemas';
import { rank, type Removal } from '@/lib/chat/roles';
import { isDirect } from '@/lib/chat/room-entry';
import { fullTime, shortTime } from '@/lib/dates';
import { translateError, type Translator } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { useStore } from '@/lib/use-store';
import { About, AboutActions, AboutText } from '@/ui/about';
import { Button } from '@/ui/button';
import { Dialog, DialogBody } from '@/ui/dialog';
import { Skeleton } from '@/ui/empty';
import { FormError } from '@/ui/field';
import { PersonAvatar } from '@/ui/person-avatar';
import styles from './profile-dialog.module.css';

interface ProfileDialogProps {
  user: string;
  /** Where it was asked for: then the role there is shown, and what may be done with the member. */
  room: string | null;
  onRemove: (removal: Removal) => void;
  onClose: () => void;
}

/** Who somebody is, and what may be done with them. */
export function ProfileDialog({ user, room, onRemove, onClose }: ProfileDialogProps) {
  const t = useT();
  const { client, me } = useChat();
  const entry = useStore(client.rooms, (rooms) => (room === null ? undefined : rooms.get(room)));
  const blocked = useStore(client.blocks.users, (users) => users.has(user));
  const [profile, setProfile] = useState<Profile | null>(null);
  const [busy, setBusy] = useState<'message' | 'block' | null>(null);
  const [error, setError] = useState<string | null>(null);

  useEffect(() => {
    client.api.profile(user, room ?? undefined).then(
      (found) => {
        client.people.learn([found]);
        setProfile(found);
      },
      (failure: unknown) => setError(errorCode(failure)),
    );
  }, [client, user, room]);

  const attempt = async (what: 'message' | 'block', change: () => Promise<void>) => {
    setBusy(what);
    setError(null);
    try {
      await change();
    } catch (failure) {
      setError(errorCode(failure));
    }
    setBusy(null);
  };

  const write = () => attempt('message', async () => {
    const direct = await client.openDirect([user]);
    onClose();
    navigate({ view: 'room', room: direct });
  });

  const block = () => attempt('block', async () => {
    await client.blocks.set(user, !blocked);
    showToast({ key: 'block', title: t(blocked ? 'people.unblocked' : 'people.blocked', { name: profile?.displayName ?? '' }), tone: 'info' });
  });

  const removes = profile?.role && entry && rank(entry.role) > rank(profile.role);
  const remove = (kind: 'kick' | 'ban') => {
    if (!profile) return;
    onClose();
    onRemove({ kind, name: profile.displayName, member: { user: profile, role: profile.role, online: null, joinedAt: null } });
  };

  return (
    <Dialog title={t('people.profile')} onClose={onClose} size="s" testId="profile-dialog">
      <DialogBody>
        <FormError>{error && translateError(t, error)}</FormError>
        {!profile && !error && <Skeleton rows={3} />}
        {profile && (
          <>
            <About picture={<PersonAvatar id={user} name={profile.displayName} size={96} />}>
              <strong data-testid="profile-name">{profile.displayName}</strong>
              <span>@{profile.username}</span>
              <span className={styles['presence']} data-online={profile.online ?? 'unknown'} data-testid="profile-presence" title={profile.lastSeen === null ? undefined : fullTime(t, profile.lastSeen)}>
                {presenceOf(t, profile)}
              </span>
              {entry && !isDirect(entry) && profile.role !== null && profile.role !== 'member' && (
                <span>{t(profile.role === 'owner' ? 'people.role.owner' : 'people.role.admin', { room: entry.name })}</span>
              )}
            </About>
            {profile.status && <AboutText testId="profile-status">{profile.status.emoji} {profile.status.text}</AboutText>}
            {blocked && <p className={styles['muted']}>{t('people.blocked.text')}</p>}
            {user !== me.id && (
              <AboutActions>
                <Button variant="primary" busy={busy === 'message'} data-autofocus data-testid="profile-message" onClick={() => void write()}>
                  <MessageSquare aria-hidden="true" />{t('people.message')}
                </Button>
                <Button busy={busy === 'block'} data-testid="profile-block" data-on={blocked || undefined} onClick={() => void block()}>
                  {blocked ? <UserRoundCheck aria-hidden="true" /> : <UserRoundX aria-hidden="true" />}{t(blocked ? 'people.unblock' : 'people.block')}
                </Button>
                {removes && <Button data-testid="profile-kick" onClick={() => remove('kick')}><UserMinus aria-hidden="true" />{t('removal.kick.action')}</Button>}
                {removes && <Button variant="danger" data-testid="profile-ban" onClick={() => remove('ban')}><Ban aria-hidden="true" />{t('removal.ban.action')}</Button>}
              </AboutActions>
            )}
          </>
        )}
      </DialogBody>
    </Dialog>
  );
}

/** Empty where it is not known. */
function presenceOf(t: Translator, { online, lastSeen }: Profile): string {
  if (online === true) return t('members.online');
  return lastSeen === null ? (online === false ? t('members.offline') : '') : t('people.lastSeen', { time: shortTime(t, lastSeen) });
}
