import { clockTimeWithSeconds } from '@/lib/dates';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { Skeleton } from '@/ui/empty';
import { FormError } from '@/ui/field';
import type { Polled } from './use-polled';
import styles from './admin.module.css';

/** When the page's values are from, and why there are no newer ones. */
export function Freshness({ of }: { of: Polled<unknown> }) {
  const t = useT();
  return (
    <>
      {of.error !== null && <FormError>{`${t('admin.error')} ${translateError(t, of.error)}`}</FormError>}
      {of.value === null && of.error === null && <div role="status" aria-label={t('common.loading')}><Skeleton rows={4} avatar={false} /></div>}
      {of.at !== null && (
        <p className={styles['fresh']} data-stale={of.error !== null || undefined} data-testid="admin-updated">
          {t(of.error === null ? 'admin.updated' : 'admin.stale', { time: clockTimeWithSeconds(t, of.at) })}
        </p>
      )}
    </>
  );
}
