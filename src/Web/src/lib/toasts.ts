import { Store } from './store';

export interface Toast {
  /** One toast per key: a newer one takes the place of the older. */
  readonly key: string;
  readonly title: string;
  readonly text?: string;
  /** The room to open on a click. */
  readonly room?: string;
  /** The thread in that room. */
  readonly thread?: string | undefined;
  readonly tone: 'info' | 'mention' | 'error';
}

const shownAtOnce = 3;

export const toasts = new Store<readonly Toast[]>([]);

export function showToast(toast: Toast): void {
  toasts.update((list) => withinLimit([...list.filter(({ key }) => key !== toast.key), toast]));
}

/** The oldest gives way, but a mention only to its being read or dismissed, or to its time. */
function withinLimit(list: readonly Toast[]): readonly Toast[] {
  const over = list.length - shownAtOnce;
  const others = list.slice(0, -1).filter(({ tone }) => tone !== 'mention').slice(0, Math.max(0, over));
  return list.filter((toast) => !others.includes(toast));
}

export function dismissToast(key: string): void {
  toasts.update((list) => list.filter((toast) => toast.key !== key));
}
