import type { MessageFile } from '@/lib/api/schemas';
import { RequestError } from '@/lib/socket/socket-client';
import type { SendReply } from '@/lib/socket/frames';
import { backoffDelay } from '@/lib/socket/backoff';
import { Store } from '@/lib/store';
import type { OutboxDb } from './outbox-db';

export interface OutboxItem {
  readonly cid: string;
  readonly user: string;
  readonly room: string;
  readonly text: string;
  readonly replyTo: string | null;
  /** The root of the thread that it is for. */
  readonly thread: string | null;
  /** Already uploaded: a retry names the same ids, so it is the same message. */
  readonly files: readonly MessageFile[];
  /** By the server's clock, in milliseconds. */
  readonly createdAt: number;
  /** `sent` is acknowledged, and waits for its place in the room's log. */
  readonly state: 'pending' | 'sent' | 'failed';
  readonly seq: number | null;
  /** The error's code if it failed. */
  readonly error: string | null;
}

export interface OutboxOptions {
  readonly user: string;
  readonly db: OutboxDb;
  readonly now: () => number;
  readonly newCid: () => string;
  /** False while there is no connection: then due messages wait. */
  readonly canSend: () => boolean;
  readonly send: (item: OutboxItem) => Promise<SendReply>;
  readonly onSent: (item: OutboxItem, reply: SendReply) => void;
  readonly random?: () => number;
}

/** The server accepts a cid for 24 h; a quarter of an hour less allows for clock differences. */
export const cidLifetimeMs = 23.75 * 3_600_000;
/** How often a retryable error (`busy`, `unavailable`, …) is retried before the user is asked. */
export const maxAttempts = 8;

/**
 * Messages that are not in the room's log yet. Those of one room are sent one after the other, which keeps their order. A retry has the cid
 * of the first attempt, so a message is never stored twice.
 */
export class Outbox {
  readonly items = new Store<readonly OutboxItem[]>([]);

  readonly #options: OutboxOptions;
  readonly #running = new Set<string>();
  /** Ends a room's pause early. */
  readonly #pauses = new Map<string, () => void>();
  #stopped = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const stored = await this.#options.db.load(this.#options.user);
    const known = new Set(this.items.get().map((item) => item.cid));
    const due = stored.filter((item) => !known.has(item.cid)).map(restored);
    this.items.update((items) => [...due, ...items].sort((a, b) => (a.cid < b.cid ? -1 : 1)));
    this.flush();
  }

  add(room: string, text: string, replyTo: string | null, files: readonly MessageFile[] = [], thread: string | null = null): OutboxItem {
    const { user, now, newCid } = this.#options;
    const item: OutboxItem = { cid: newCid(), user, room, text, replyTo, thread, files, createdAt: now(), state: 'pending', seq: null, error: null };
    this.items.update((items) => [...items, item]);
    this.#store(item);
    void this.#run(room);
    return item;
  }

  /** Sends with the same cid while the server accepts it; only a message that is too old gets a new one. */
  retry(cid: string): void {
    const item = this.#find(cid);
    if (item?.state !== 'failed') return;
    if (item.error !== 'expired') {
      this.#replace({ ...item, state: 'pending', error: null });
      void this.#run(item.room);
      return;
    }
    this.discard(cid);
    this.add(item.room, item.text, item.replyTo, item.files, item.thread);
  }

  discard(cid: string): void {
    this.items.update((items) => items.filter((item) => item.cid !== cid));
    void this.#options.db.remove(cid).catch(warn);
  }

  /** The room's log now has these messages. */
  confirm(cids: ReadonlySet<string>): void {
    for (const item of this.items.get()) if (cids.has(item.cid)) this.discard(item.cid);
  }

  /** The room's log has reached `seq`, so it has all acknowledged messages up to there. */
  reached(room: string, seq: number): void {
    for (const item of this.items.get()) if (item.room === room && item.seq !== null && item.seq <= seq) this.discard(item.cid);
  }

  failRoom(room: string, code: string): void {
    for (const item of this.items.get()) if (item.room === room && item.state === 'pending') this.#replace({ ...item, state: 'failed', error: code });
  }

  flush(): void {
    for (const room of new Set(this.items.get().map((item) => item.room))) {
      this.#pauses.get(room)?.();
      void this.#run(room);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const wake of [...this.#pauses.values()]) wake();
  }

  async #run(room: string): Promise<void> {
    if (this.#running.has(room)) return;
    this.#running.add(room);
    let attempts = 0;
    try {
      for (;;) {
        const item = this.items.get().find((candidate) => candidate.room === room && candidate.state === 'pending');
        if (!item || this.#stopped || !this.#options.canSend()) return;
        if (this.#options.now() - item.createdAt > cidLifetimeMs) {
          this.#replace({ ...item, state: 'failed', error: 'expired' });
          continue;
        }
        try {
          const reply = await this.#options.send(item);
          attempts = 0;
          if (this.#find(item.cid)) {
            this.#replace({ ...item, state: 'sent', seq: reply.seq });
            this.#options.onSent(item, reply);
          }
        } catch (error) {
          const wait = this.#failed(item, error, ++attempts);
          if (wait === null) continue;
          if (wait === 'connection') return;
          await this.#pause(room, wait);
        }
      }
    } finally {
      this.#running.delete(room);
    }
  }

  /** The delay before the item is retried; null: it has failed for good. */
  #failed(item: OutboxItem, error: unknown, attempts: number): number | 'connection' | null {
    const refusal = error instanceof RequestError ? error : new RequestError('unknown', false, null);
    if (refusal.code === 'disconnected') return 'connection';
    if (refusal.retryable && attempts < maxAttempts) return refusal.retryAfterMs ?? backoffDelay(attempts, this.#options.random);
    if (this.#find(item.cid)) this.#replace({ ...item, state: 'failed', error: refusal.code });
    return null;
  }

  #pause(room: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#pauses.delete(room);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#pauses.set(room, wake);
    });
  }

  #find(cid: string): OutboxItem | undefined {
    return this.items.get().find((item) => item.cid === cid);
  }

  #replace(item: OutboxItem): void {
    this.items.update((items) => items.map((old) => (old.cid === item.cid ? item : old)));
    this.#store(item);
  }

  #store(item: OutboxItem): void {
    void this.#options.db.put(item).catch(warn);
  }
}

/** Items stored by earlier versions have no files or no thread. */
const restored = (item: Omit<OutboxItem, 'files' | 'thread'> & Partial<OutboxItem>): OutboxItem =>
  ({ ...item, files: item.files ?? [], thread: item.thread ?? null, state: item.state === 'sent' ? 'pending' : item.state });

const warn = (error: unknown) => console.warn('akkachat: the outbox could not be written', error);
