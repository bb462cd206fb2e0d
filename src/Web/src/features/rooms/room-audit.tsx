import type { AuditEntry } from '@/lib/api/schemas';
import { fullTime, shortTime } from '@/lib/dates';
import { translateError, type Translator } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { Button } from '@/ui/button';
import { Skeleton } from '@/ui/empty';
import { FormError } from '@/ui/field';
import { PersonAvatar } from '@/ui/person-avatar';
import styles from './room-settings.module.css';
import { usePages } from './use-pages';

/** Who changed what, the newest first. */
export function RoomAudit({ room }: { room: string }) {
  const t = useT();
  const { client } = useChat();
  const { items, more, error } = usePages<AuditEntry>((cursor) => client.api.audit(room, cursor), room);
  return (
    <>
      <FormError>{error && translateError(t, error)}</FormError>
      {items === null && !error && <Skeleton rows={5} />}
      <ul className={styles['list']}>
        {(items ?? []).map((entry) => (
          <li key={entry.seq} data-testid="audit-entry" data-action={entry.action}>
            <PersonAvatar id={entry.by.id} name={entry.by.displayName} size={28} />
            <span className={styles['text']}>
              <strong>{sentence(t, entry)}</strong>
              <span title={fullTime(t, entry.ts)}>{shortTime(t, entry.ts)}{hasDetail.has(entry.action) && entry.detail !== '' && ` · ${entry.detail}`}</span>
            </span>
          </li>
        ))}
      </ul>
      {more && <Button variant="ghost" wide onClick={more}>{t('common.more')}</Button>}
    </>
  );
}

/** Of those the detail is for people. */
const hasDetail = new Set(['room.renamed', 'room.topicChanged', 'member.kicked', 'member.banned']);

function sentence(t: Translator, { action, by, subject, detail }: AuditEntry): string {
  const names = { by: by.displayName, name: subject?.displayName ?? '' };
  switch (action) {
    case 'room.created': return t('audit.created', names);
    case 'room.renamed': return t('audit.renamed', names);
    case 'room.topicChanged': return t('audit.topic', names);
    case 'room.visibilityChanged': return t(detail === 'public' ? 'audit.public' : 'audit.private', names);
    case 'room.archived': return t(detail === 'on' ? 'audit.archived' : 'audit.unarchived', names);
    case 'room.pictureChanged': return t('audit.picture', names);
    case 'room.linkCardsChanged': return t(detail === 'on' ? 'audit.links.on' : 'audit.links.off', names);
    case 'member.kicked': return t('audit.kicked', names);
    case 'member.banned': return t('audit.banned', names);
    case 'member.unbanned': return t('audit.unbanned', names);
    case 'member.role': return t(detail === 'owner' ? 'audit.role.owner' : detail === 'admin' ? 'audit.role.admin' : 'audit.role.member', names);
    case 'message.deleted': return t('audit.deleted', names);
    default: return `${by.displayName}: ${action}`;
  }
}
