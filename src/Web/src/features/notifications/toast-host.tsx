import { AtSign, CircleAlert, MessageSquare, Undo2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { dismissToast, shownOf, toasts, type Toast } from '@/lib/toasts';
import { useStoreByFrame } from '@/lib/use-store';
import { Button, IconButton } from '@/ui/button';
import styles from './toast-host.module.css';

const shownMs = 6_000;
const icons = { info: MessageSquare, mention: AtSign, error: CircleAlert };

/**
 * One notice at a time. F8 leads the keyboard to it.
 * @param floating Over the content, where there is no place beside it.
 */
export function ToastHost({ floating = false }: { floating?: boolean }) {
  const t = useT();
  const list = useStoreByFrame(toasts, (value) => value);
  const shown = shownOf(list);
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'F8' || event.defaultPrevented) return;
      const first = host.current?.querySelector<HTMLElement>('li button');
      if (!first) return;
      event.preventDefault();
      first.focus();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <div ref={host} role="region" aria-label={t('notify.region')} className={styles['host']} data-floating={floating || undefined}>
      <ol aria-live="polite">
        {shown && <ToastCard key={shown.key} toast={shown} />}
      </ol>
    </div>
  );
}

function ToastCard({ toast }: { toast: Toast }) {
  const t = useT();
  const [held, setHeld] = useState(false);
  const { key, room, action, onHold, onDismiss } = toast;
  const Icon = action ? Undo2 : icons[toast.tone];

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
  const hold = (value: boolean) => {
    setHeld(value);
    onHold?.(value);
  };
  const open = () => {
    if (room !== undefined) navigate({ view: 'room', room });
    dismissToast(key);
  };
  return (
    <li
      className={styles['toast']}
      data-tone={toast.tone}
      data-testid="toast"
      data-room-id={room}
      onPointerEnter={() => hold(true)}
      onPointerLeave={() => hold(false)}
      onFocus={() => hold(true)}
      onBlur={() => hold(false)}
    >
      {room === undefined ? <div className={styles['open']}>{content}</div> : <button type="button" className={styles['open']} onClick={open}>{content}</button>}
      {action && (
        <Button
          size="s"
          data-testid="toast-action"
          onClick={() => {
            action.run();
            dismissToast(key);
            // The notice is gone, and the focus with it.
            requestAnimationFrame(() => {
              if (document.activeElement === document.body) document.getElementById('conversation')?.focus();
            });
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton
        label={t('common.dismiss')}
        onClick={() => {
          dismissToast(key);
          onDismiss?.();
        }}
      >
        <X />
      </IconButton>
    </li>
  );
}
