import { AtSign, CircleAlert, MessageSquare, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { dismissToast, toasts, type Toast } from '@/lib/toasts';
import { useStoreByFrame } from '@/lib/use-store';
import { IconButton } from '@/ui/button';
import styles from './toast-host.module.css';

const shownMs = 6_000;
const icons = { info: MessageSquare, mention: AtSign, error: CircleAlert };

/**
 * One at a time: errors first, then the oldest.
 * @param floating Over the content, where there is no place beside it.
 */
export function ToastHost({ floating = false }: { floating?: boolean }) {
  const t = useT();
  const list = useStoreByFrame(toasts, (value) => value);
  const shown = list.find(({ tone }) => tone === 'error') ?? list[0];
  return (
    <div role="region" aria-label={t('notify.region')} className={styles['host']} data-floating={floating || undefined}>
      <ol aria-live="polite">
        {shown && <ToastCard key={shown.key} toast={shown} />}
      </ol>
    </div>
  );
}

function ToastCard({ toast }: { toast: Toast }) {
  const t = useT();
  const [held, setHeld] = useState(false);
  const { key, room, thread } = toast;
  const Icon = icons[toast.tone];

  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismissToast(key), shownMs);
    return () => clearTimeout(timer);
  }, [held, key, toast]);

  const content = (
    <>
      <Icon aria-hidden="true" />
      <span className={styles['text']}>
        <strong>{toast.title}</strong>
        {toast.text !== undefined && <span>{toast.text}</span>}
      </span>
    </>
  );
  const open = () => {
    if (room !== undefined) navigate({ view: 'room', room, ...(thread !== undefined && { thread }) });
    dismissToast(key);
  };
  return (
    <li
      className={styles['toast']}
      data-tone={toast.tone}
      data-testid="toast"
      data-room-id={room}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {room === undefined ? <div className={styles['open']}>{content}</div> : <button type="button" className={styles['open']} onClick={open}>{content}</button>}
      <IconButton label={t('common.dismiss')} onClick={() => dismissToast(key)}><X /></IconButton>
    </li>
  );
}
