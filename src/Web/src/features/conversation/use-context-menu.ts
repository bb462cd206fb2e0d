import { useCallback, useEffect, useMemo, useRef, useState, type MouseEvent, type PointerEvent } from 'react';

export interface ContextMenu {
  /** The row's. */
  readonly key: string;
  readonly at: DOMRect | { readonly x: number; readonly y: number };
}

const longPressMs = 500;
const movedPx = 10;

/** A menu of one's own on a row: by a right click, by a key, or by a long press where the browser has no event for it. */
export function useContextMenu() {
  const [menu, setMenu] = useState<ContextMenu | null>(null);
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | null>(null);

  const drop = useCallback(() => {
    clearTimeout(press.current?.timer);
    press.current = null;
  }, []);
  useEffect(() => drop, [drop]);

  const openAt = useCallback((row: HTMLElement, at: ContextMenu['at']) => {
    const key = row.dataset['row'];
    if (key !== undefined) setMenu({ key, at });
  }, []);

  const handlers = useMemo(() => ({
    onContextMenu: (event: MouseEvent<HTMLElement>) => {
      drop();
      const row = rowOf(event.target);
      if (!row || isTheBrowsers(event.target)) return;
      event.preventDefault();
      if (event.nativeEvent instanceof globalThis.PointerEvent && event.nativeEvent.pointerType === 'touch') swallowClick();
      // From the keyboard there is no pointer.
      openAt(row, event.clientX === 0 && event.clientY === 0 ? row.getBoundingClientRect() : { x: event.clientX, y: event.clientY });
    },
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      drop();
      const row = rowOf(event.target);
      if (event.pointerType !== 'touch' || !event.isPrimary || !row || isTheBrowsers(event.target)) return;
      const { clientX: x, clientY: y } = event;
      const timer = setTimeout(() => {
        press.current = null;
        swallowClick();
        openAt(row, { x, y });
      }, longPressMs);
      press.current = { timer, x, y };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const from = press.current;
      if (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > movedPx) drop();
    },
    onPointerUp: drop,
    onPointerCancel: drop,
  }), [drop, openAt]);

  const close = useCallback(() => setMenu(null), []);
  return { menu, handlers, openAt, close };
}

const rowOf = (target: EventTarget): HTMLElement | null => (target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null);

/** The finger that opened the menu is lifted over something, perhaps over the menu: that is not pressed by it. */
function swallowClick(): void {
  const end = () => {
    removeEventListener('click', swallow, true);
    removeEventListener('pointerdown', end, true);
  };
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
    end();
  };
  addEventListener('click', swallow, true);
  addEventListener('pointerdown', end, true);
}

/** Links, pictures, what is typed in and selected text have a menu that says more of them than the message's. */
function isTheBrowsers(target: EventTarget): boolean {
  if (!(target instanceof Element) || target.closest('a[href], img, video, audio, input, textarea, [role=menu]')) return true;
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.toString() !== '' && selection.containsNode(target, true);
}
