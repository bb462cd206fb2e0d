import { errorCode } from '@/lib/api/http';
import type { Person } from '@/lib/api/schemas';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { Button } from '@/ui/button';
import styles from './blocked-notice.module.css';

/** In the place of the composer, where one has blocked the other. */
export function BlockedNotice({ person }: { person: Person }) {
  const t = useT();
  const { client } = useChat();
  const unblock = async () => {
    try {
      await client.blocks.set(person.id, false);
    } catch (error) {
      showToast({ key: 'block', title: translateError(t, errorCode(error)), tone: 'error' });
    }
  };
  return (
    <div className={styles['notice']} data-testid="blocked-notice">
      <p>{t('people.blocked.here', { name: person.displayName })}</p>
      <Button size="s" data-testid="unblock-here" onClick={() => void unblock()}>{t('people.unblock')}</Button>
    </div>
  );
}
