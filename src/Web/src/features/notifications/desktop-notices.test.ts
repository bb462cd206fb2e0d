import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DesktopNotices, type DesktopNotice } from './desktop-notices';

const shown: string[] = [];
vi.mock('@/lib/service-worker', () => ({
  registerWorker: () => Promise.resolve({ showNotification: (_: string, { tag }: NotificationOptions) => void shown.push(tag ?? '') }),
}));

type Held = (lock: null) => Promise<unknown>;

/** Locks as those of the browser, as far as notices use them: one holder, or many that share. */
class FakeLocks {
  readonly #held: { name: string; shared: boolean }[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly request = async (name: string, { mode, signal }: LockOptions, run: Held): Promise<void> => {
    const free = () => !this.#held.some((lock) => lock.name === name && !(lock.shared && mode === 'shared'));
    while (!free()) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (signal?.aborted === true) throw new Error('aborted');
    }
    const lock = { name, shared: mode === 'shared' };
    this.#held.push(lock);
    try {
      await run(null);
    } finally {
      this.#held.splice(this.#held.indexOf(lock), 1);
      for (const wake of this.#waiting.splice(0)) wake();
    }
  };

  readonly query = () => Promise.resolve({ held: this.#held.map(({ name }) => ({ name })) });
}

const notice = (tag: string): DesktopNotice => ({ title: 'Ana', body: 'hi', tag, room: 'r_1', hash: '#/r/r_1' });
const settle = () => new Promise((done) => setTimeout(done));
let focused = false;

describe('DesktopNotices', () => {
  beforeEach(() => {
    shown.length = 0;
    focused = false;
    vi.stubGlobal('Notification', { permission: 'granted' });
    vi.spyOn(document, 'hasFocus').mockImplementation(() => focused);
    Object.defineProperty(navigator, 'locks', { value: new FakeLocks(), configurable: true });
  });
  afterEach(() => vi.unstubAllGlobals());

  it('shows a notice once for all tabs, and the next tab does so after the first has gone', async () => {
    const tabs = [new DesktopNotices('u_1'), new DesktopNotices('u_1')];
    await settle();
    await Promise.all(tabs.map((tab) => tab.show(notice('one'))));
    expect(shown).toEqual(['one']);
    tabs[0]!.stop();
    await settle();
    await Promise.all(tabs.map((tab) => tab.show(notice('two'))));
    expect(shown).toEqual(['one', 'two']);
    tabs[1]!.stop();
  });

  it('shows none while one of the tabs is looked at, and none for another user’s', async () => {
    const tabs = [new DesktopNotices('u_1'), new DesktopNotices('u_2')];
    focused = true;
    dispatchEvent(new Event('focus'));
    await settle();
    await tabs[0]!.show(notice('looked at'));
    expect(shown).toEqual([]);
    focused = false;
    dispatchEvent(new Event('blur'));
    await settle();
    await Promise.all(tabs.map((tab, i) => tab.show(notice(`of ${i}`))));
    expect(shown).toEqual(['of 0', 'of 1']);
    for (const tab of tabs) tab.stop();
  });
});
