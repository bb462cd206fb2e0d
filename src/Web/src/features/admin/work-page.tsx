import { CircleCheck } from 'lucide-react';
import { useCallback, useState } from 'react';
import { workStates, type Work, type WorkState } from '@/lib/api/admin-schemas';
import { errorCode } from '@/lib/api/http';
import { shortTime } from '@/lib/dates';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { Button } from '@/ui/button';
import { Dialog, DialogBody, DialogFooter } from '@/ui/dialog';
import { Empty } from '@/ui/empty';
import { duration, number } from './format';
import { Freshness } from './freshness';
import { usePolled } from './use-polled';
import styles from './admin.module.css';

const everyMs = 3_000;

export function WorkPage() {
  const t = useT();
  const { session } = useChat();
  const { api } = session;
  const [state, setState] = useState<WorkState | undefined>(undefined);
  const [dropping, setDropping] = useState<Work | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const work = usePolled(useCallback(() => api.work(state), [api, state]), everyMs);

  const change = async (item: Work, ask: (id: string) => Promise<unknown>, done: string) => {
    setBusy(item.id);
    try {
      await ask(item.id);
      showToast({ key: 'admin-work', title: done, tone: 'info' });
    } catch (error) {
      showToast({ key: 'admin-work', title: translateError(t, errorCode(error)), tone: 'error' });
    }
    setBusy(null);
    setDropping(null);
    work.reload();
  };

  return (
    <>
      <fieldset className={styles['filter']}>
        <legend className="visually-hidden">{t('admin.work.filter')}</legend>
        {[undefined, ...workStates].map((choice) => (
          <label key={choice ?? 'all'}>
            <input type="radio" name="state" checked={state === choice} data-testid={`work-${choice ?? 'all'}`} onChange={() => setState(choice)} />
            <span>{t(`admin.work.${choice ?? 'all'}`)}</span>
          </label>
        ))}
      </fieldset>
      <Freshness of={work} />
      {work.value && work.value.depths.length > 0 && (
        <ul className={styles['depths']} data-testid="work-depths">
          {work.value.depths.map((depth) => (
            <li key={`${depth.kind} ${depth.state}`}>
              <strong>{number(t, depth.count)}</strong> {depth.kind} · {t(`admin.work.${depth.state}`)} · {t('admin.work.oldest', { time: duration(t, depth.oldestSeconds) })}
            </li>
          ))}
        </ul>
      )}
      {work.value?.items.length === 0 && <Empty icon={<CircleCheck />} title={t('admin.work.none')} testId="work-empty" />}
      <ul className={styles['items']} data-testid="work-list">
        {work.value?.items.map((item) => (
          <li key={item.id} className={styles['card']} data-testid="work-item" data-id={item.id} data-state={item.state}>
            <h2>{item.kind}</h2>
            <p className={styles['badges']}>
              <span data-tone={item.state === 'dead' ? 'bad' : undefined}>{t(`admin.work.${item.state}`)}</span>
              <span>{t('admin.work.attempts', { count: item.attempts })}</span>
            </p>
            <p className={styles['key']}>{item.key}</p>
            <p className={styles['muted']}>
              {t('admin.work.added', { time: shortTime(t, item.createdAt) })}
              {item.state === 'waiting' && ` · ${t('admin.work.next', { time: shortTime(t, item.dueAt) })}`}
              {item.owner !== null && ` · ${item.owner}`}
            </p>
            {item.lastError !== null && <p className={styles['failure']}>{item.lastError}</p>}
            {item.state !== 'running' && (
              <div className={styles['actions']}>
                <Button
                  size="s"
                  busy={busy === item.id}
                  aria-label={t('admin.work.retry.label', { kind: item.kind, key: item.key })}
                  data-testid="work-retry"
                  onClick={() => void change(item, api.retryWork, t('admin.work.retried'))}
                >
                  {t('admin.work.retry')}
                </Button>
                <Button
                  size="s"
                  variant="ghost"
                  aria-label={t('admin.work.drop.label', { kind: item.kind, key: item.key })}
                  data-testid="work-drop"
                  onClick={() => setDropping(item)}
                >
                  {t('admin.work.drop')}
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {dropping && (
        <Dialog title={t('admin.work.drop.title')} size="s" onClose={() => setDropping(null)} testId="work-drop-dialog">
          <DialogBody><p className={styles['key']}>{t('admin.work.drop.text', { kind: dropping.kind, key: dropping.key })}</p></DialogBody>
          <DialogFooter>
            <Button onClick={() => setDropping(null)}>{t('common.cancel')}</Button>
            <Button
              variant="danger"
              busy={busy === dropping.id}
              data-testid="work-drop-confirm"
              data-autofocus
              onClick={() => void change(dropping, api.dropWork, t('admin.work.dropped'))}
            >
              {t('admin.work.drop')}
            </Button>
          </DialogFooter>
        </Dialog>
      )}
    </>
  );
}
