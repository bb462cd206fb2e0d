import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import styles from './popup-menu.module.css';

interface PopupMenuProps {
  label: string;
  /** The pointer, or what was pressed. */
  at: DOMRect | { x: number; y: number };
  /** With which edge of what was pressed it is in line. */
  align?: 'start' | 'end';
  /** `refocus`: what opened it is to have the focus again. */
  onClose: (refocus: boolean) => void;
  children: ReactNode;
  testId?: string;
}

const edgePx = 8;
/** Between the menu and what was pressed. */
const gapPx = 4;

/** A menu at a place of the page, over all that scrolls. */
export function PopupMenu({ label, at, align = 'start', onClose, children, testId }: PopupMenuProps) {
  const list = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null);

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const { width, height } = element.getBoundingClientRect();
    const [below, above] = 'bottom' in at ? [at.bottom + gapPx, at.top - gapPx] : [at.y, at.y];
    const left = 'right' in at && align === 'end' ? at.right - width : at.x;
    const top = below + height + edgePx <= innerHeight ? below : above - height;
    setPlace({
      left: Math.max(edgePx, Math.min(left, innerWidth - width - edgePx)),
      top: Math.max(edgePx, Math.min(top, innerHeight - height - edgePx)),
    });
  }, [at, align]);

  useEffect(() => {
    if (place) items(list.current)[0]?.focus();
  }, [place]);

  useEffect(() => {
    const outside = (event: Event) => {
      if (event.target instanceof Node && !list.current?.contains(event.target)) onClose(false);
    };
    const gone = () => onClose(false);
    document.addEventListener('pointerdown', outside);
    addEventListener('resize', gone);
    return () => {
      document.removeEventListener('pointerdown', outside);
      removeEventListener('resize', gone);
    };
  }, [onClose]);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = items(list.current);
    const at = all.findIndex((item) => item === document.activeElement);
    if (event.key === 'ArrowDown') all[(at + 1) % all.length]?.focus();
    else if (event.key === 'ArrowUp') all.at(at - 1)?.focus();
    else if (event.key === 'Home') all[0]?.focus();
    else if (event.key === 'End') all.at(-1)?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') onClose(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  // All of the page is in a landmark, and what is over it too.
  return createPortal(
    <aside aria-label={label}>
      <div ref={list} role="menu" tabIndex={-1} aria-label={label} className={styles['list']} data-placed={place !== null || undefined} style={place ?? undefined} data-testid={testId} onKeyDown={onKeyDown} onClick={() => onClose(true)} onContextMenu={(event) => event.preventDefault()}>
        {children}
      </div>
    </aside>,
    document.body,
  );
}

const items = (list: HTMLElement | null) => [...(list?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
