import { errorCode } from '@/lib/api/http';
import type { Message, SavedMessage } from '@/lib/api/schemas';
import type { DurableEvent } from '@/lib/socket/frames';
import { Store } from '@/lib/store';
import { withChange } from './message-changes';

interface SavedApi {
  readonly saved: (cursor?: string) => Promise<{ readonly items: readonly SavedMessage[]; readonly nextCursor: string | null }>;
  readonly savedIds: (room: string) => Promise<{ readonly items: readonly string[] }>;
  readonly saveMessage: (room: string, id: string, on: boolean) => Promise<unknown>;
}

/** The list, while it is looked at. */
export interface SavedList {
  readonly items: readonly SavedMessage[];
  readonly nextCursor: string | null;
  readonly status: 'loading' | 'ready';
  readonly error: string | null;
}

const empty: SavedList = { items: [], nextCursor: null, status: 'loading', error: null };

/** The messages that the user wants to find again: which of the opened rooms' they are, and the list of all. */
export class Saved {
  readonly ids = new Store<ReadonlySet<string>>(new Set());
  /** Null while nobody looks at it. */
  readonly list = new Store<SavedList | null>(null);

  readonly #api: SavedApi;
  /** What was asked before a change must not undo it. */
  #changes = 0;

  constructor(api: SavedApi) {
    this.#api = api;
  }

  /** Those of a room that is opened. */
  async load(room: string): Promise<void> {
    const changes = this.#changes;
    try {
      const { items } = await this.#api.savedIds(room);
      if (changes !== this.#changes) return void this.load(room);
      this.ids.update((ids) => new Set([...[...ids].filter((id) => !isOf(id, room)), ...items]));
    } catch {
      // what is known stays; opening the room again asks again
    }
  }

  async open(): Promise<void> {
    this.list.set(this.list.get() ?? empty);
    await this.#read();
  }

  close(): void {
    this.list.set(null);
  }

  async more(): Promise<void> {
    const cursor = this.list.get()?.nextCursor;
    if (cursor) await this.#read(cursor);
  }

  /** The event that follows says so to the user's other devices. Rejects where the server refuses. */
  async set({ room, id }: Pick<Message, 'room' | 'id'>, on: boolean): Promise<void> {
    await this.#api.saveMessage(room, id, on);
    this.learn(id, on);
  }

  learn(id: string, on: boolean): void {
    this.#changes++;
    if (this.ids.get().has(id) !== on) this.ids.update((ids) => new Set(on ? [...ids, id] : [...ids].filter((one) => one !== id)));
    const list = this.list.get();
    if (!list) return;
    if (!on) this.list.set({ ...list, items: list.items.filter(({ message }) => message.id !== id) });
    else if (!list.items.some(({ message }) => message.id === id)) void this.#read();
  }

  /** What becomes of the messages in the list. */
  apply(room: string, events: readonly DurableEvent[]): void {
    const list = this.list.get();
    if (!list?.items.some(({ message }) => message.room === room)) return;
    const items = list.items.map((item) => {
      const message = item.message.room === room ? events.reduce(withChange, item.message) : item.message;
      return message === item.message ? item : { ...item, message };
    });
    if (items.some((item, at) => item !== list.items[at])) this.list.set({ ...list, items });
  }

  /** The user is not in the room any more: nothing of it is shown. */
  forget(room: string): void {
    this.#changes++;
    this.ids.update((ids) => ([...ids].some((id) => isOf(id, room)) ? new Set([...ids].filter((id) => !isOf(id, room))) : ids));
    const list = this.list.get();
    if (list) this.list.set({ ...list, items: list.items.filter(({ message }) => message.room !== room) });
  }

  /** After a new hello: what has changed meanwhile is not known. */
  refresh(room: string | null): void {
    if (room !== null) void this.load(room);
    if (this.list.get()) void this.#read();
  }

  /** A page, or the first one once more: it takes the place of all that was there. */
  async #read(cursor?: string): Promise<void> {
    const changes = this.#changes;
    try {
      const page = await this.#api.saved(cursor);
      const list = this.list.get();
      if (!list) return;
      if (changes !== this.#changes) return void this.#read();
      const before = cursor === undefined ? [] : list.items;
      const known = new Set(before.map(({ message }) => message.id));
      this.list.set({ items: [...before, ...page.items.filter(({ message }) => !known.has(message.id))], nextCursor: page.nextCursor, status: 'ready', error: null });
    } catch (error) {
      this.list.update((list) => list && { ...list, status: 'ready', error: errorCode(error) });
    }
  }
}

const isOf = (id: string, room: string): boolean => id.startsWith(`${room}.`);
