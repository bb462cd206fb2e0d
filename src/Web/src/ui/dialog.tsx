import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { X } from 'lucide-react';
import { useT } from '@/lib/i18n/use-t';
import { IconButton } from './button';
import styles from './dialog.module.css';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  size?: 's' | 'm' | 'l';
  /** For a dialog whose first field says what it is: the title is only read out. */
  bare?: boolean;
  testId?: string;
}

/** The browser's own modal: focus begins at `data-autofocus`, stays inside and returns to where it was; Esc closes. */
export function Dialog({ title, onClose, children, size = 'm', bare = false, testId }: DialogProps) {
  const t = useT();
  const ref = useRef<HTMLDialogElement>(null);
  const pressedOutside = useRef(false);
  const id = useId();

  // In the layout phase, so that it is closed while it is still in the page: the browser takes the focus back from no other dialog.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    // React's autoFocus would come while the dialog is hidden, and do nothing.
    dialog?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => {
      dialog?.close();
      requestAnimationFrame(focusHome);
    };
  }, []);

  return (
    <dialog
      ref={ref}
      className={styles['dialog']}
      data-size={size}
      data-bare={bare || undefined}
      aria-labelledby={id}
      data-testid={testId}
      onCancel={(event) => {
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => (pressedOutside.current = event.target === ref.current)}
      onClick={(event) => {
        if (event.target === ref.current && pressedOutside.current) onClose();
      }}
    >
      <div className={styles['panel']}>
        {bare ? (
          <h2 id={id} className="visually-hidden">{title}</h2>
        ) : (
          <header className={styles['header']}>
            <h2 id={id}>{title}</h2>
            <IconButton label={t('common.close')} onClick={onClose}>
              <X />
            </IconButton>
          </header>
        )}
        {children}
      </div>
    </dialog>
  );
}

/** Where what had the focus before is gone, for example a room that was left, the keyboard goes on at the conversation or at the list of rooms. */
function focusHome(): void {
  if (document.activeElement !== document.body || document.querySelector('dialog[open]')) return;
  (document.getElementById('conversation') ?? document.querySelector<HTMLElement>('nav[tabindex]'))?.focus();
}

/** `isRead`: there is nothing in it to press, so the keyboard must reach it itself to scroll. */
export const DialogBody = ({ children, isRead = false }: { children: ReactNode; isRead?: boolean }) => <div className={styles['body']} tabIndex={isRead ? 0 : undefined}>{children}</div>;

export const DialogFooter = ({ children }: { children: ReactNode }) => <footer className={styles['footer']}>{children}</footer>;
