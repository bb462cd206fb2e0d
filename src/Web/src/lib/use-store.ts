import { useCallback, useSyncExternalStore } from 'react';
import { dropFromFrame, inNextFrame } from './frames';
import type { Store } from './store';

/** For what the user has just chosen: a control must not show its old value until the next frame. `select` as in `useStore`. */
export function useStoreNow<T, S>(store: Store<T>, select: (value: T) => S): S {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

/**
 * `select` must answer the same reference for the same state. However many changes a burst brings, they are rendered together, once a frame;
 * a render between two frames reads the newest value.
 */
export function useStore<T, S>(store: Store<T>, select: (value: T) => S): S {
  const subscribe = useCallback((listener: () => void) => {
    const unsubscribe = store.subscribe(() => inNextFrame(listener));
    return () => {
      unsubscribe();
      dropFromFrame(listener);
    };
  }, [store]);
  return useSyncExternalStore(subscribe, () => select(store.get()));
}
