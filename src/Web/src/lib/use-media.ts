import { useCallback, useSyncExternalStore } from 'react';

export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}

/** The breakpoints of the shell; the style sheets use the same widths. */
export const phone = '(max-width: 759px)';
export const wide = '(min-width: 1100px)';
export const reducedMotion = '(prefers-reduced-motion: reduce)';
