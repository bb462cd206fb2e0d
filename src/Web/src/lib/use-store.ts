import { useCallback, useSyncExternalStore } from 'react';
import { dropFromFrame, inNextFrame } from './frames';
import type { Store } from './store';

/** `select` must answer the same reference for the same state. */
export function useStore<T, S>(store: Store<T>, select: (value: T) => S): S {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

/**
 * As `useStore`, for what the server's events change: however many arrive in a burst, they are rendered together, once a frame. A render
 * between two frames reads the newest value.
 */
export function useStoreByFrame<T, S>(store: Store<T>, select: (value: T) => S): S {
  const subscribe = useCallback((listener: () => void) => {
    const unsubscribe = store.subscribe(() => inNextFrame(listener));
    return () => {
      unsubscribe();
      dropFromFrame(listener);
    };
  }, [store]);
  return useSyncExternalStore(subscribe, () => select(store.get()));
}
