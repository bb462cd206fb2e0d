import type { ChatApi } from '@/lib/api/chat-api';
import { errorCode } from '@/lib/api/http';
import type { Room } from '@/lib/api/schemas';
import { backoffDelay } from '@/lib/socket/backoff';
import { Store, withEntry } from '@/lib/store';
import type { Reading } from './reading';
import { entryOf, type RoomEntry } from './room-entry';

interface RoomSetOptions {
  readonly api: ChatApi;
  /** What was asked of a room before its read cursor moved back is out of date. */
  readonly reading: () => Pick<Reading, 'versionOf' | 'versions'>;
  /** One room was read, or given by an event. */
  readonly onKnown: (room: Room) => void;
  /** All rooms were read; they are in the set when this returns. */
  readonly onListed: (rooms: readonly Room[]) => void;
  readonly onRemoved: (room: string, reason: string) => void;
}

/** The rooms that the user is in: read from the server, changed by events, and read again where an event leaves a question open. */
export class RoomSet {
  readonly all = new Store<ReadonlyMap<string, RoomEntry>>(new Map());
  readonly status = new Store<'loading' | 'ready' | 'error'>('loading');

  readonly #options: RoomSetOptions;
  readonly #fetching = new Set<string>();
  readonly #recounting = new Set<string>();
  #listTimer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(options: RoomSetOptions) {
    this.#options = options;
  }

  get(id: string): RoomEntry | undefined {
    return this.all.get().get(id);
  }

  put(entry: RoomEntry): void {
    if (this.get(entry.id) !== entry) this.all.update((map) => withEntry(map, entry.id, entry));
  }

  change(id: string, change: (entry: RoomEntry) => RoomEntry): void {
    const entry = this.get(id);
    if (entry) this.put(change(entry));
  }

  add(room: Room): Room {
    this.#options.onKnown(room);
    this.put(entryOf(room, this.get(room.id)));
    return room;
  }

  remove(id: string, reason = 'left'): void {
    if (!this.get(id)) return;
    this.all.update((map) => withEntry(map, id, undefined));
    this.#options.onRemoved(id, reason);
  }

  async load(attempt = 0): Promise<void> {
    clearTimeout(this.#listTimer);
    const first = this.status.get() !== 'ready';
    if (first) this.status.set('loading');
    try {
      const rooms: Room[] = [];
      const reading = this.#options.reading();
      const versions = reading.versions();
      let cursor: string | undefined;
      do {
        const page = await this.#options.api.rooms('joined', undefined, cursor);
        rooms.push(...page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      if (this.#stopped) return;
      const known = this.all.get();
      // Keep rooms that were added while the pages were read: the socket reports removals.
      const listed = rooms
        .filter(({ id }) => !known.has(id) || reading.versionOf(id) === (versions.get(id) ?? 0))
        .map((room) => [room.id, entryOf(room, known.get(room.id))] as const);
      this.all.update((map) => new Map([...(first ? [] : map), ...listed]));
      this.status.set('ready');
      this.#options.onListed(rooms);
    } catch {
      if (this.#stopped || !first) return;
      this.status.set('error');
      this.#listTimer = setTimeout(() => void this.load(attempt + 1), backoffDelay(attempt + 1));
    }
  }

  /** For what a digest does not say. Many digests come at once. */
  loadSoon(): void {
    clearTimeout(this.#listTimer);
    this.#listTimer = setTimeout(() => void this.load(), 200 + Math.random() * 800);
  }

  /** Reads one room again. It may turn out that the user is not in it any more. */
  async fetch(id: string): Promise<void> {
    if (this.#fetching.has(id)) return;
    this.#fetching.add(id);
    const reading = this.#options.reading();
    const version = reading.versionOf(id);
    try {
      const room = await this.#options.api.room(id);
      if (version !== reading.versionOf(id)) this.#recounting.add(id);
      else if (room.joined) this.add(room);
      else this.remove(id);
    } catch (error) {
      if (errorCode(error) === 'not_found' || errorCode(error) === 'forbidden') this.remove(id);
    } finally {
      this.#fetching.delete(id);
      if (this.#recounting.delete(id)) void this.fetch(id);
    }
  }

  /** Reads the room's counters; what is being read already may be from before the event. */
  recount(id: string): void {
    if (this.#fetching.has(id)) this.#recounting.add(id);
    else void this.fetch(id);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#listTimer);
  }
}
