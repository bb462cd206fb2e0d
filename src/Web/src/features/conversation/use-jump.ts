import type { Virtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import type { Row } from './rows';
import { settle } from './settle';

const flashMs = 2_300;
/** Whoever scrolls goes where he wants to. */
const takesOver = ['wheel', 'touchstart', 'pointerdown', 'keydown'] as const;

interface Jump {
  /** Brings the row to the middle of the view, and marks it for a moment. */
  readonly jump: (key: string) => void;
  readonly end: () => void;
  /** A jump is under way: nothing else may move the list. */
  readonly jumping: RefObject<boolean>;
  /** The key of the row that is marked. */
  readonly flash: string | null;
}

export function useJump(scroller: RefObject<HTMLElement | null>, virtualizer: Virtualizer<HTMLDivElement, Element>, rows: RefObject<readonly Row[]>): Jump {
  const [flash, setFlash] = useState<string | null>(null);
  const jumping = useRef(false);
  const stop = useRef<() => void>(() => undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const end = useCallback(() => stop.current(), []);
  useEffect(() => () => {
    stop.current();
    clearTimeout(timer.current);
  }, []);

  const jump = useCallback((key: string) => {
    const element = scroller.current;
    if (!element) return;
    stop.current();
    const ended = () => {
      jumping.current = false;
      stop.current = () => undefined;
      for (const event of takesOver) element.removeEventListener(event, userTook);
    };
    const cancel = settle({
      scroller: element,
      virtualizer,
      index: () => rows.current.findIndex((row) => row.key === key),
      top: (view, row) => Math.max(0, (view - row) / 2),
      onEnd: ended,
    });
    const userTook = () => {
      cancel();
      ended();
    };
    stop.current = userTook;
    jumping.current = true;
    for (const event of takesOver) element.addEventListener(event, userTook, { passive: true });
    setFlash(key);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setFlash(null), flashMs);
  }, [rows, scroller, virtualizer]);

  return { jump, end, jumping, flash };
}
