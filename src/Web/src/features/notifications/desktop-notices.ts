import * as v from 'valibot';
import { navigate, parseRoute } from '@/lib/route';
import { registerWorker } from '@/lib/service-worker';

/** What the worker says when a notice is clicked. */
const opening = v.object({ open: v.string() });

export interface DesktopNotice {
  readonly title: string;
  readonly body: string;
  /** The message: whoever tells of it too, by a push, takes the place of this. */
  readonly tag: string;
  readonly room: string;
  readonly hash: string;
}

/**
 * One notice for all tabs of the browser: the tab that holds a lock shows it, and none does while one of them has the focus and tells of it itself.
 * The browser frees the locks of a tab that ends, however it ends.
 */
export class DesktopNotices {
  readonly #lookedAt: string;
  readonly #stopped = new AbortController();
  #leads = false;
  #looksAway: (() => void) | null = null;

  constructor(user: string) {
    this.#lookedAt = `akkachat.looked-at.${user}`;
    const { signal } = this.#stopped;
    void this.#hold(`akkachat.notices.${user}`, { signal }, () => {
      this.#leads = true;
      return new Promise((_, end) => signal.addEventListener('abort', end));
    });
    this.#look();
    for (const event of ['focus', 'blur']) addEventListener(event, this.#look, { signal });
    document.addEventListener('visibilitychange', this.#look, { signal });
    serviceWorker()?.addEventListener('message', this.#open, { signal });
  }

  stop(): void {
    this.#stopped.abort();
    this.#looksAway?.();
  }

  static get allowed(): boolean {
    return 'Notification' in window && Notification.permission === 'granted' && 'locks' in navigator;
  }

  async show({ title, body, tag, room, hash }: DesktopNotice): Promise<void> {
    if (!this.#leads || this.#stopped.signal.aborted || !DesktopNotices.allowed) return;
    const { held } = await navigator.locks.query();
    if (held?.some(({ name }) => name === this.#lookedAt)) return;
    const options = { body, tag, icon: '/favicon.svg', data: { room, hash } };
    const registration = await registerWorker();
    if (registration) await registration.showNotification(title, options);
    else new Notification(title, options).onclick = () => this.#go(hash);
  }

  /** What is read is no news any more. */
  async close(room: string): Promise<void> {
    const registration = await serviceWorker()?.getRegistration();
    for (const notice of (await registration?.getNotifications()) ?? []) {
      if ((notice.data as { room?: string } | null)?.room === room) notice.close();
    }
  }

  readonly #look = (): void => {
    const looks = document.visibilityState === 'visible' && document.hasFocus() && !this.#stopped.signal.aborted;
    if (looks && !this.#looksAway) {
      const end = new Promise<void>((resolve) => (this.#looksAway = resolve));
      void this.#hold(this.#lookedAt, { mode: 'shared' }, () => end);
    } else if (!looks && this.#looksAway) {
      this.#looksAway();
      this.#looksAway = null;
    }
  };

  readonly #open = ({ data }: MessageEvent<unknown>): void => {
    const asked = v.safeParse(opening, data);
    if (asked.success) this.#go(asked.output.open);
  };

  #go(hash: string): void {
    window.focus();
    navigate(parseRoute(hash));
  }

  /** Without locks, as on a page that is not secure, there are no notices of the desktop either. */
  async #hold(name: string, options: LockOptions, held: () => Promise<unknown>): Promise<void> {
    if (!('locks' in navigator)) return;
    try {
      await navigator.locks.request(name, options, held);
    } catch {
      // stopped
    }
  }
}

const serviceWorker = (): ServiceWorkerContainer | undefined => ('serviceWorker' in navigator ? navigator.serviceWorker : undefined);
