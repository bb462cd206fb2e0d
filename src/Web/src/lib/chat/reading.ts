import type { Message } from '@/lib/api/schemas';
import type { DigestItem } from '@/lib/socket/frames';
import type { SocketClient } from '@/lib/socket/socket-client';
import { isMentioned } from './message-changes';
import { ReadCursors } from './read-cursors';
import { isDirect, withDigest, withRead, type RoomEntry } from './room-entry';
import type { RoomLog } from './room-log';
import { needsAttention } from './room-order';

interface ReadingOptions {
  readonly me: string;
  readonly socket: SocketClient;
  readonly rooms: () => ReadonlyMap<string, RoomEntry>;
  readonly put: (entry: RoomEntry) => void;
  readonly log: (room: string) => RoomLog | undefined;
}

interface Read {
  readonly n: number;
  readonly unread: number;
  readonly mentions: number;
  readonly back: boolean;
}

const readsAtOnce = 40;

/** How far the user has read in each room: shown at once, reported to the server soon, and kept in step with other devices. */
export class Reading {
  readonly #options: ReadingOptions;
  readonly #cursors: ReadCursors;
  /** Rooms that stay unread although they are on the screen, until they are opened again: the user has marked them so. */
  readonly #kept = new Set<string>();
  /** How often each cursor has moved back: what was asked before that is out of date. */
  readonly #backs = new Map<string, number>();
  readonly #slices = new Set<ReturnType<typeof setTimeout>>();

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.#cursors = new ReadCursors({
      socket: options.socket,
      readN: (room) => this.#entry(room)?.readN ?? 0,
      onRead: (room, read) => this.#change(room, (entry) => (entry.readN === read.n ? withRead(entry, read) : entry)),
    });
  }

  /** The room is opened or closed: from now on what is on the screen counts as read again. */
  forgetKept(room: string): void {
    this.#kept.delete(room);
  }

  /** All messages up to `n` have been on the screen. */
  markSeen(room: string, n: number): void {
    if (!this.#kept.has(room)) this.markRead(room, n);
  }

  /** All messages up to `n` are read. Shown at once, and sent to the server soon. */
  markRead(room: string, n: number): void {
    const { me, put, log: logOf } = this.#options;
    const entry = this.#entry(room);
    const log = logOf(room);
    if (!entry || !log || (n <= entry.readN && (entry.unread === 0 || n < log.headN))) return;
    const readN = Math.max(n, entry.readN);
    const unread = unreadFrom(log, readN);
    const named = mentionsIn(log, entry.readN, readN, me);
    put({ ...entry, readN, unread, mentions: isDirect(entry) || unread === 0 ? unread : Math.max(0, entry.mentions - named) });
    this.#cursors.schedule(room);
  }

  /** All that is known of the room now. */
  markRoomRead(room: string): void {
    this.#kept.delete(room);
    this.markRead(room, this.#options.log(room)?.headN ?? 0);
    this.#cursors.now(room);
  }

  /**
   * All rooms, up to what is known of them now. In slices: the server takes only so many requests a second.
   * @returns Makes them as unread as they were.
   */
  markAllRead(): () => void {
    const unread = [...this.#options.rooms().values()].filter(needsAttention);
    const heads = unread.map(({ id, readN }) => ({ id, readN, n: this.#options.log(id)?.headN ?? 0 }));
    const marked: typeof heads = [];
    const end = this.#inSlices(heads, (head) => {
      marked.push(head);
      this.#kept.delete(head.id);
      this.markRead(head.id, head.n);
      this.#cursors.now(head.id);
    });
    return () => {
      end();
      // What was read in the meantime is read. The next digest has what the server does not answer now.
      const back = marked.filter(({ id, n }) => (this.#entry(id)?.readN ?? 0) === n);
      this.#inSlices(back, ({ id, readN }) => void this.#back(id, readN).catch(() => undefined));
    };
  }

  /** @returns Ends it. */
  #inSlices<T>(items: readonly T[], act: (item: T) => void): () => void {
    const timers = items.map((item, i) => {
      const due = setTimeout(() => {
        this.#slices.delete(due);
        act(item);
      }, Math.floor(i / readsAtOnce) * 1_000);
      this.#slices.add(due);
      return due;
    });
    return () => {
      for (const timer of timers) clearTimeout(timer);
    };
  }

  /** What comes from the message on is unread again, everywhere, although it is on the screen. Rejects where the server does not answer. */
  async markUnread({ room, n }: Message): Promise<void> {
    await this.#back(room, n - 1);
  }

  async #back(room: string, readN: number): Promise<void> {
    const { me, put, log: logOf } = this.#options;
    const before = this.#entry(room);
    const log = logOf(room);
    if (!before || !log || readN >= before.readN) return;
    this.movedBack(room);
    const unreadNow = unreadFrom(log, readN);
    const mentionsNow = isDirect(before) ? unreadNow : before.mentions + mentionsIn(log, readN, before.readN, me);
    put({ ...before, readN, unread: unreadNow, mentions: mentionsNow });
    try {
      const read = await this.#cursors.back(room, readN);
      this.#change(room, (entry) => (entry.readN === read.n ? withRead(entry, read) : entry));
    } catch (error) {
      this.#kept.delete(room);
      const { readN: last, unread, mentions } = before;
      this.#change(room, (entry) => (entry.readN === readN ? { ...entry, readN: last, unread, mentions } : entry));
      throw error;
    }
  }

  /** A new hello's digests have the server's read cursors. */
  onHello(): void {
    this.#cursors.reset();
  }

  onDigest(digest: DigestItem): void {
    const entry = this.#entry(digest.room);
    if (!entry) return;
    if (entry.readN > digest.readN && this.#cursors.isAhead(digest.room)) {
      this.#cursors.schedule(digest.room);
      return;
    }
    if (entry.readN > digest.readN) this.movedBack(digest.room);
    this.#options.put(withDigest(entry, digest));
  }

  onUpdated(room: string, read: Read): void {
    if (read.back) this.movedBack(room);
    this.#change(room, (entry) => withRead(entry, read));
  }

  movedBack(room: string): void {
    this.#cursors.movedBack(room);
    this.#backs.set(room, (this.#backs.get(room) ?? 0) + 1);
    this.#kept.add(room);
  }

  /** Changes when an answer that was asked for before is out of date. */
  versionOf(room: string): number {
    return this.#backs.get(room) ?? 0;
  }

  versions(): ReadonlyMap<string, number> {
    return new Map(this.#backs);
  }

  stop(): void {
    for (const due of this.#slices) clearTimeout(due);
    this.#cursors.stop();
  }

  #entry(room: string): RoomEntry | undefined {
    return this.#options.rooms().get(room);
  }

  #change(room: string, change: (entry: RoomEntry) => RoomEntry): void {
    const entry = this.#entry(room);
    if (entry) this.#options.put(change(entry));
  }
}

/** As far as the messages that are loaded tell which are deleted; the server's answer is exact. */
const unreadFrom = (log: RoomLog, readN: number): number =>
  Math.max(0, log.headN - readN - log.window.filter((message) => message.deleted && message.n > readN).length);

const mentionsIn = (log: RoomLog, after: number, to: number, me: string): number =>
  log.window.filter((message) => message.n > after && message.n <= to && isMentioned(message, me)).length;
