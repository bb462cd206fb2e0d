import { X } from 'lucide-react';
import { memo, useMemo, useState, type ReactNode } from 'react';
import type { Member } from '@/lib/api/schemas';
import type { Removal } from '@/lib/chat/roles';
import { useT } from '@/lib/i18n/use-t';
import { showProfile } from '@/lib/overlays';
import { useChat } from '@/lib/session/session-context';
import { useStoreByFrame } from '@/lib/use-store';
import { Button, IconButton } from '@/ui/button';
import { Empty, Skeleton } from '@/ui/empty';
import { PersonAvatar } from '@/ui/person-avatar';
import { nameAmong } from '@/ui/person-name';
import { MemberMenu } from './member-menu';
import { useInUse } from './use-in-use';
import styles from './members-panel.module.css';

interface Person {
  readonly member: Member;
  readonly name: string;
  /** Null when unknown. */
  readonly online: boolean | null;
}

interface MembersPanelProps {
  room: string;
  role: string | null;
  count: number;
  onRemove: (removal: Removal) => void;
  onClose: () => void;
}

export const MembersPanel = memo(function MembersPanel({ room, role, count, onRemove, onClose }: MembersPanelProps) {
  const t = useT();
  const { client, me } = useChat();
  const list = useStoreByFrame(client.live.members, (all) => all.get(room));
  const presence = useStoreByFrame(client.live.presence, (all) => all.get(room));
  const users = useStoreByFrame(client.users, (value) => value);
  const known = presence?.state !== 'unknown';
  const menu = (person: Person) => person.member.user.id !== me.id && <MemberMenu room={room} role={role} member={person.member} name={person.name} onRemove={onRemove} />;

  const people = useMemo(() => {
    const all = (list?.items ?? []).map((member): Person => ({
      member,
      name: nameAmong(users, member.user),
      // For a large room only the count is sent: then show what the list said when it was loaded.
      online: !known ? null : (presence?.online?.has(member.user.id) ?? member.online),
    }));
    return all.sort((a, b) => a.name.localeCompare(b.name, t.locale));
  }, [list, users, presence, known, t.locale]);

  // While the list is in use nobody changes sections: the row under the pointer stays there, and its open menu with it.
  const [inUse, listProps] = useInUse();
  const [held, setHeld] = useState<ReadonlyMap<string, boolean> | null>(null);
  if (inUse !== (held !== null)) setHeld(inUse ? new Map(people.map(({ member, online }) => [member.user.id, online === true])) : null);
  const isIn = ({ member, online }: Person) => held?.get(member.user.id) ?? online === true;
  const online = people.filter(isIn);
  const others = people.filter((person) => !isIn(person));
  const onlineCount = known ? (presence?.count ?? null) : null;

  return (
    <aside className={styles['panel']} aria-label={t('members.title')} data-testid="members-panel">
      <header className={styles['header']}>
        <div>
          <h2>{t('members.title')}</h2>
          <p data-testid="members-count">
            {t('conversation.details', { count })}
            {onlineCount !== null && <span data-testid="online-count" data-count={onlineCount}> · {t('members.onlineCount', { count: onlineCount })}</span>}
          </p>
        </div>
        <IconButton label={t('common.close')} data-testid="members-close" onClick={onClose}><X /></IconButton>
      </header>
      <div className={styles['scroll']} data-testid="member-list" role="region" aria-label={t('members.title')} tabIndex={0} {...listProps}>
        {!known && <p className={styles['unknown']} role="status" data-testid="presence-unknown">{t('members.unknown')}</p>}
        {list?.status === 'loading' && people.length === 0 && <Skeleton rows={6} />}
        {list?.status === 'error' && (
          <Empty title={t('members.error')}><Button onClick={() => void client.live.loadMembers(room)}>{t('common.retry')}</Button></Empty>
        )}
        <Section title={t('members.online')} people={online} me={me.id} room={room} menu={menu} />
        <Section title={known ? t('members.offline') : t('members.everyone')} people={others} me={me.id} room={room} menu={menu} />
        {list?.nextCursor && <Button variant="ghost" wide onClick={() => void client.loadMoreMembers(room)}>{t('common.more')}</Button>}
      </div>
    </aside>
  );
});

function Section({ title, people, me, room, menu }: { title: string; people: readonly Person[]; me: string; room: string; menu: (person: Person) => ReactNode }) {
  const t = useT();
  if (people.length === 0) return null;
  return (
    <section className={styles['section']}>
      <h3>{title} — {people.length}</h3>
      <ul>
        {people.map(({ member, name, online }) => (
          <li key={member.user.id} className={styles['member']} data-testid="member" data-user-id={member.user.id} data-online={online ?? 'unknown'}>
            <PersonAvatar id={member.user.id} name={name} size={28} online={online} />
            <button type="button" className={styles['names']} data-testid="member-profile" onClick={() => showProfile(member.user.id, room)}>
              <span className={styles['name']}>{name}{member.user.id === me && <span className={styles['you']}> ({t('common.you')})</span>}</span>
              <span className={styles['username']}>@{member.user.username}</span>
            </button>
            {member.role === 'owner' && <span className={styles['role']}>{t('members.role.owner')}</span>}
            {member.role === 'admin' && <span className={styles['role']}>{t('members.role.admin')}</span>}
            {online !== null && <span className="visually-hidden">{t(online ? 'members.isOnline' : 'members.isOffline')}</span>}
            {menu({ member, name, online })}
          </li>
        ))}
      </ul>
    </section>
  );
}
