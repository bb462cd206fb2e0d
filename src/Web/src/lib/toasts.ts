import { Store } from './store';

export interface Toast {
  /** One toast per key: a newer one takes the place of the older. */
  readonly key: string;
  readonly title: string;
  readonly text?: string;
  /** The room to open on a click. */
  readonly room?: string;
  readonly tone: 'info' | 'mention' | 'error';
  /** What can be done about it, for as long as it is shown: such a notice comes before those that only tell. */
  readonly action?: { readonly label: string; readonly run: () => void };
  /** It is pointed at or has the focus: its time stands still. */
  readonly onHold?: (held: boolean) => void;
  /** Put away by the user. */
  readonly onDismiss?: () => void;
}

const shownAtOnce = 3;

export const toasts = new Store<readonly Toast[]>([]);

export function showToast(toast: Toast): void {
  toasts.update((list) => withinLimit([...list.filter(({ key }) => key !== toast.key), toast]));
}

/** The oldest gives way, but a mention, and what can still be acted on, only to its being read or dismissed, or to its time. */
function withinLimit(list: readonly Toast[]): readonly Toast[] {
  const over = list.length - shownAtOnce;
  const others = list.slice(0, -1).filter(({ tone, action }) => tone !== 'mention' && action === undefined).slice(0, Math.max(0, over));
  return list.filter((toast) => !others.includes(toast));
}

export function dismissToast(key: string): void {
  toasts.update((list) => list.filter((toast) => toast.key !== key));
}

/** One at a time: errors, then the last that can be acted on, then the oldest. */
export const shownOf = (list: readonly Toast[]): Toast | undefined =>
  list.find(({ tone }) => tone === 'error') ?? list.findLast(({ action }) => action !== undefined) ?? list[0];
