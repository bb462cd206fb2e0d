import { Store } from './store';

export interface Toast {
  /** One toast per key: a newer one takes the place of the older. */
  readonly key: string;
  readonly title: string;
  readonly text?: string;
  /** The room to open on a click. */
  readonly room?: string;
  readonly tone: 'info' | 'mention' | 'error';
}

const shownAtOnce = 3;

export const toasts = new Store<readonly Toast[]>([]);

export function showToast(toast: Toast): void {
  toasts.update((list) => [...list.filter(({ key }) => key !== toast.key), toast].slice(-shownAtOnce));
}

export function dismissToast(key: string): void {
  toasts.update((list) => list.filter((toast) => toast.key !== key));
}
