import type { Virtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import type { Row } from './rows';
import { settle } from './settle';

const flashMs = 2_300;
/** Whoever scrolls goes where he wants to. */
const takesOver = ['wheel', 'touchstart', 'pointerdown', 'keydown'] as const;

interface JumpOptions {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly virtualizer: Virtualizer<HTMLDivElement, Element>;
  readonly rows: RefObject<readonly Row[]>;
  /** While it is true, the list must not follow its end: the message would leave the view as soon as others arrive. */
  readonly onHold: (holds: boolean) => void;
}

interface Jump {
  /** Brings the row to the middle of the view, marks it for a moment, and keeps it there meanwhile. */
  readonly jump: (key: string) => void;
  readonly end: () => void;
  /** The key of the row that is marked. */
  readonly flash: string | null;
}

export function useJump({ scroller, virtualizer, rows, onHold }: JumpOptions): Jump {
  const [flash, setFlash] = useState<string | null>(null);
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
    clearTimeout(timer.current);
    timer.current = undefined;
    const fade = () => {
      timer.current ??= setTimeout(() => {
        setFlash(null);
        stop.current();
      }, flashMs);
    };
    const cancel = settle({
      scroller: element,
      virtualizer,
      index: () => rows.current.findIndex((row) => row.key === key),
      top: (view, row) => Math.max(0, (view - row) / 2),
      onEnd: fade,
    });
    const release = () => {
      cancel();
      stop.current = () => undefined;
      for (const event of takesOver) element.removeEventListener(event, release);
      onHold(false);
      fade();
    };
    stop.current = release;
    for (const event of takesOver) element.addEventListener(event, release, { passive: true });
    onHold(true);
    setFlash(key);
  }, [rows, scroller, virtualizer, onHold]);

  return { jump, end, flash };
}
