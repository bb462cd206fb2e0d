import { useCallback, useEffect, useRef, useState } from 'react';
import { errorCode } from '@/lib/api/http';

export interface Polled<T> {
  /** The last answer, also while newer ones fail. */
  readonly value: T | null;
  readonly at: number | null;
  readonly error: string | null;
  readonly reload: () => void;
}

/** Asks again and again while the page is visible: the next time is counted from an answer, so that a slow server is not asked more. */
export function usePolled<T>(load: () => Promise<T>, everyMs: number): Polled<T> {
  const [state, setState] = useState<Omit<Polled<T>, 'reload'>>({ value: null, at: null, error: null });
  const ask = useRef<() => void>(() => undefined);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let round = 0;
    const run = async () => {
      clearTimeout(timer);
      const own = ++round;
      try {
        const value = await load();
        if (own === round) setState({ value, at: Date.now(), error: null });
      } catch (error) {
        if (own === round) setState((before) => ({ ...before, error: errorCode(error) }));
      }
      if (own === round && document.visibilityState === 'visible') timer = setTimeout(() => void run(), everyMs);
    };
    const onVisible = () => {
      if (document.visibilityState === 'visible') void run();
    };
    ask.current = () => void run();
    document.addEventListener('visibilitychange', onVisible);
    void run();
    return () => {
      round = -1;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [load, everyMs]);

  return { ...state, reload: useCallback(() => ask.current(), []) };
}
