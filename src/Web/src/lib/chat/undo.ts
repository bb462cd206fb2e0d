import { errorCode } from '@/lib/api/http';
import { Store } from '@/lib/store';

/** What can be taken back for some seconds: until then it is only shown as done. `id` is a message, or the room itself. */
export interface Deed {
  readonly kind: 'delete' | 'unsave' | 'leave';
  readonly room: string;
  readonly id: string;
}

interface Stored extends Deed {
  readonly at: number;
}

interface UndoOptions {
  readonly user: string;
  /** `leaving`: the page goes away, and does not get the answer. */
  readonly carryOut: (deed: Deed, leaving: boolean) => Promise<void>;
  /** The server has refused it: it is as it was. */
  readonly onRefused: (deed: Deed, code: string) => void;
}

/** How long it can be taken back. */
export const undoMs = 6_000;

/** What an earlier page has left for longer than this may have been sent, and made undone elsewhere. A deletion is never undone. */
const leftMs = 60_000;

/** Answers after which it is sent again. */
const retried = new Set(['offline', 'unavailable', 'busy', 'rate_limited']);
const retryMs = 5_000;

/**
 * What the user has done and may still take back. It is sent when its time is over, or at once when the page goes away. Until the server has
 * answered it is kept in the browser, so that a page that was ended otherwise carries it out when it is opened again.
 */
export class Undo {
  readonly all = new Store<ReadonlyMap<string, Deed>>(new Map());

  readonly #options: UndoOptions;
  readonly #key: string;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #sent = new Set<string>();

  constructor(options: UndoOptions) {
    this.#options = options;
    this.#key = `akkachat.undo.${options.user}`;
  }

  /** Takes up what an earlier page has left. Another tab may be waiting with it just now: after the same time, whoever comes first does it. */
  start(): void {
    addEventListener('pagehide', this.#flush);
    this.#store((deeds) => deeds.filter(({ kind, at }) => kind === 'delete' || Date.now() - at < leftMs));
    for (const { kind, room, id } of this.#stored()) this.add({ kind, room, id });
  }

  stop(): void {
    removeEventListener('pagehide', this.#flush);
    this.#flush();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  has(kind: Deed['kind'], id: string): boolean {
    return this.all.get().has(keyOf({ kind, id }));
  }

  add(deed: Deed): void {
    const key = keyOf(deed);
    if (this.all.get().has(key)) return;
    this.all.update((all) => new Map([...all, [key, deed]]));
    this.#store((deeds) => [...deeds.filter((one) => keyOf(one) !== key), { ...deed, at: Date.now() }]);
    this.#schedule(key, undoMs);
  }

  /** While the notice that offers to undo is pointed at or focused, its time stands still. */
  hold(key: string, held: boolean): void {
    if (!this.all.get().has(key) || this.#sent.has(key)) return;
    if (held) clearTimeout(this.#timers.get(key));
    else this.#schedule(key, undoMs);
  }

  /** False where it was sent already. */
  undo(key: string): boolean {
    if (!this.all.get().has(key) || this.#sent.has(key)) return false;
    this.#end(key);
    return true;
  }

  /** Takes back what was done last. */
  undoLast(): boolean {
    const last = [...this.all.get().keys()].findLast((key) => !this.#sent.has(key));
    return last !== undefined && this.undo(last);
  }

  /** Without waiting any longer. */
  async carryOut(key: string): Promise<void> {
    const deed = this.all.get().get(key);
    if (!deed || this.#sent.has(key)) return;
    clearTimeout(this.#timers.get(key));
    // Another tab may have taken it back, or done it.
    if (!this.#stored().some((one) => keyOf(one) === key)) {
      this.#end(key);
      return;
    }
    this.#sent.add(key);
    try {
      await this.#options.carryOut(deed, false);
      this.#end(key);
    } catch (error) {
      this.#sent.delete(key);
      if (retried.has(errorCode(error))) {
        this.#schedule(key, retryMs);
        return;
      }
      this.#end(key);
      // What is gone is as it was wanted.
      if (errorCode(error) !== 'not_found') this.#options.onRefused(deed, errorCode(error));
    }
  }

  readonly #flush = (): void => {
    for (const [key, deed] of this.all.get()) {
      if (!this.#sent.has(key) && this.#stored().some((one) => keyOf(one) === key)) void this.#options.carryOut(deed, true).catch(() => undefined);
    }
  };

  #schedule(key: string, ms: number): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.set(key, setTimeout(() => void this.carryOut(key), ms));
  }

  #end(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#sent = new Set([...this.#sent].filter((one) => one !== key));
    this.#store((deeds) => deeds.filter((one) => keyOf(one) !== key));
    this.all.update((all) => new Map([...all].filter(([one]) => one !== key)));
  }

  #stored(): readonly Stored[] {
    try {
      const list: unknown = JSON.parse(localStorage.getItem(this.#key) ?? '[]');
      return Array.isArray(list) ? list.filter(isStored) : [];
    } catch {
      return [];
    }
  }

  #store(change: (deeds: readonly Stored[]) => readonly Stored[]): void {
    const deeds = change(this.#stored());
    if (deeds.length === 0) localStorage.removeItem(this.#key);
    else localStorage.setItem(this.#key, JSON.stringify(deeds));
  }
}

export const keyOf = ({ kind, id }: Pick<Deed, 'kind' | 'id'>): string => `${kind}:${id}`;

const isStored = (value: unknown): value is Stored =>
  typeof value === 'object' && value !== null && 'kind' in value && 'room' in value && 'id' in value && 'at' in value && typeof value.at === 'number'
  && ['delete', 'unsave', 'leave'].includes(String(value.kind)) && typeof value.room === 'string' && typeof value.id === 'string';
