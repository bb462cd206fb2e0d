import { Ban, IdCard, MessageSquare, MoreVertical, Shield, ShieldCheck, UserMinus, UserRound } from 'lucide-react';
import { errorCode } from '@/lib/api/http';
import type { Member } from '@/lib/api/schemas';
import { rank, type Removal, type Role } from '@/lib/chat/roles';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { showProfile } from '@/lib/overlays';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { Menu, MenuItem } from '@/ui/menu';
import styles from './members-panel.module.css';

interface MemberMenuProps {
  room: string;
  role: string | null;
  member: Member;
  name: string;
  onRemove: (removal: Removal) => void;
}

/** What the user may do with another member: write to them, and owners change roles, and a higher role removes a lower one. */
export function MemberMenu({ room, role, member, name, onRemove }: MemberMenuProps) {
  const t = useT();
  const { client } = useChat();
  const isOwner = role === 'owner';
  const removes = rank(role) > rank(member.role);

  const write = async () => {
    try {
      navigate({ view: 'room', room: await client.openDirect([member.user.id]) });
    } catch (error) {
      showToast({ key: 'direct', title: translateError(t, errorCode(error)), tone: 'error' });
    }
  };

  const change = async (next: Role) => {
    try {
      await client.changeRole(room, member.user.id, next);
      showToast({ key: 'role', title: t(`members.role.${next}.done`, { name }), tone: 'info' });
    } catch (error) {
      showToast({ key: 'role', title: translateError(t, errorCode(error)), tone: 'error' });
    }
  };

  return (
    <Menu label={t('members.menu', { name })} className={styles['more']} trigger={<MoreVertical aria-hidden="true" />} testId="member-menu">
      <MenuItem icon={<MessageSquare aria-hidden="true" />} testId="message-member" onSelect={() => void write()}>{t('people.message')}</MenuItem>
      <MenuItem icon={<IdCard aria-hidden="true" />} testId="show-profile" onSelect={() => showProfile(member.user.id, room)}>{t('people.profile')}</MenuItem>
      {isOwner && member.role !== 'member' && (
        <MenuItem icon={<UserRound aria-hidden="true" />} testId="make-member" onSelect={() => void change('member')}>{t('members.role.member.make')}</MenuItem>
      )}
      {isOwner && member.role !== 'admin' && (
        <MenuItem icon={<Shield aria-hidden="true" />} testId="make-admin" onSelect={() => void change('admin')}>{t('members.role.admin.make')}</MenuItem>
      )}
      {isOwner && member.role !== 'owner' && (
        <MenuItem icon={<ShieldCheck aria-hidden="true" />} testId="make-owner" onSelect={() => void change('owner')}>{t('members.role.owner.make')}</MenuItem>
      )}
      {removes && (
        <MenuItem icon={<UserMinus aria-hidden="true" />} testId="kick" onSelect={() => onRemove({ member, name, kind: 'kick' })}>{t('removal.kick.action')}</MenuItem>
      )}
      {removes && (
        <MenuItem icon={<Ban aria-hidden="true" />} danger testId="ban" onSelect={() => onRemove({ member, name, kind: 'ban' })}>{t('removal.ban.action')}</MenuItem>
      )}
    </Menu>
  );
}
