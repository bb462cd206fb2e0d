import { useSyncExternalStore } from 'react';
import type { Store } from './store';

/** `select` must answer the same reference for the same state. */
export function useStore<T, S>(store: Store<T>, select: (value: T) => S): S {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
