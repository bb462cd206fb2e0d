import type { ChatApi } from '@/lib/api/chat-api';
import { errorCode } from '@/lib/api/http';
import type { Message, MessagePage } from '@/lib/api/schemas';
import { readDurable, replies, type DurableEvent, type SyncBody } from '@/lib/socket/frames';
import { RequestError, type SocketClient } from '@/lib/socket/socket-client';
import { backoffDelay } from '@/lib/socket/backoff';
import { Store, withEntry } from '@/lib/store';
import { applyEvents, createLog, hasGap, hasNewer, hasOlder, learnHead, mergePage, trimWindow, type PageRange, type RoomLog } from './room-log';

export interface Timeline {
  readonly log: RoomLog;
  /** Whether a page of history has been loaded: until then the window has live messages only. */
  readonly status: 'cold' | 'loading' | 'ready' | 'error';
  readonly error: string | null;
  readonly loadingOlder: boolean;
  readonly loadingNewer: boolean;
  /** The room's first message is in the window. */
  readonly atStart: boolean;
}

export interface TimelinesOptions {
  readonly api: ChatApi;
  readonly socket: SocketClient;
  readonly onApplied: (room: string, events: readonly DurableEvent[], log: RoomLog) => void;
  readonly random?: () => number;
}

/** What became of the way to a message. `overtaken`: the user has gone elsewhere since. */
export type Found =
  | { readonly where: 'here' | 'overtaken' }
  | { readonly where: 'thread'; readonly thread: string }
  | { readonly where: 'nowhere'; readonly error: unknown };

const pageSize = 50;

/** How long an event from beyond a gap waits for the missing ones, which often arrive right after it. */
const gapPatienceMs = 120;
const keptWhenClosed = 100;

/** The logs of all rooms. Pulls events after a gap, and pages of history. */
export class Timelines {
  readonly all = new Store<ReadonlyMap<string, Timeline>>(new Map());

  readonly #options: TimelinesOptions;
  readonly #pulling = new Set<string>();
  readonly #gapTimers = new Map<string, ReturnType<typeof setTimeout>>();
  /** How often each window has been sent elsewhere: an answer to an earlier request must not take it back. */
  readonly #moves = new Map<string, number>();
  #open: string | null = null;

  constructor(options: TimelinesOptions) {
    this.#options = options;
  }

  get(room: string): Timeline | undefined {
    return this.all.get().get(room);
  }

  /** The rooms whose window must stay without a gap after a lost connection. The others start again from the digest. */
  resume(): Record<string, number> {
    const rooms: Record<string, number> = {};
    for (const [room, { log, status }] of this.all.get()) if (status !== 'cold' || room === this.#open) rooms[room] = log.seq;
    return rooms;
  }

  /** The room's head from a list or a digest. */
  seed(room: string, seq: number, n: number): void {
    const known = this.get(room);
    if (!known) this.#put(room, { log: createLog(seq, n), status: 'cold', error: null, loadingOlder: false, loadingNewer: false, atStart: n === 0 });
    else if (known.status === 'cold' && room !== this.#open && seq > known.log.seq) this.#put(room, { ...known, log: createLog(seq, n) });
    else this.learn(room, seq, n);
  }

  learn(room: string, headSeq: number, headN?: number): void {
    this.#change(room, (timeline) => ({ ...timeline, log: learnHead(timeline.log, headSeq, headN) }));
    this.#watchGap(room);
  }

  apply(room: string, events: readonly DurableEvent[]): void {
    const timeline = this.get(room);
    if (!timeline) return;
    const applied = applyEvents(timeline.log, events);
    const next = { ...timeline, log: applied.log };
    this.#put(room, room === this.#open ? next : trimmed(next, trimWindow(applied.log, keptWhenClosed * 2)));
    if (applied.events.length > 0) this.#options.onApplied(room, applied.events, applied.log);
    this.#watchGap(room);
  }

  applySync(room: string, body: SyncBody): void {
    // An event that cannot be parsed still takes its place: pulling it again would return the same.
    const events = body.events.map((raw) => readDurable(room, raw) ?? { kind: 'other' as const, seq: raw.seq });
    this.apply(room, events);
    this.learn(room, body.head);
  }

  /** Discards the room's log; its newest page is loaded again if the room is in view. */
  reset(room: string, headSeq: number, headN: number): void {
    const known = this.get(room);
    this.#put(room, { log: createLog(headSeq, headN), status: 'cold', error: null, loadingOlder: false, loadingNewer: false, atStart: headN === 0 });
    if (known && room === this.#open) void this.load(room);
  }

  /** After `sync.done`: pulls what is still missing. */
  checkAll(): void {
    for (const room of this.all.get().keys()) this.#watchGap(room);
  }

  /** @param readN The last message that was read, where others follow it: the window must reach from there. Null: the newest page will do. */
  open(room: string, readN: number | null = null): void {
    this.close();
    this.#open = room;
    const timeline = this.get(room);
    if (!timeline) return;
    const { log, status } = timeline;
    if (readN !== null && (status !== 'ready' || !covers(log, readN + 1))) void this.load(room, readN);
    else if (status === 'cold' || status === 'error') void this.load(room);
  }

  close(): void {
    const room = this.#open;
    this.#open = null;
    if (room) this.#change(room, (t) => trimmed(t, trimWindow(t.log, keptWhenClosed)));
  }

  forget(room: string): void {
    clearTimeout(this.#gapTimers.get(room));
    this.#moves.delete(room);
    this.all.update((map) => withEntry(map, room, undefined));
    if (this.#open === room) this.#open = null;
  }

  stop(): void {
    for (const timer of this.#gapTimers.values()) clearTimeout(timer);
  }

  /** The newest page, or the one around a message. */
  async load(room: string, around?: number): Promise<void> {
    const isLast = this.#move(room);
    this.#change(room, (t) => ({ ...t, status: 'loading', error: null }));
    try {
      const asked = around === undefined ? { limit: pageSize } : { around, limit: 100 };
      const page = await this.#options.api.messages(room, asked);
      this.#change(room, (t) => {
        const ready: Timeline = { ...t, status: 'ready' };
        return isLast() || t.log.window.length === 0 ? withPage(ready, page, page.items.length === 0 || page.items[0]?.n === 1, asked) : ready;
      });
      this.#watchGap(room);
    } catch (error) {
      this.#change(room, (t) => ({ ...t, status: 'error', error: errorCode(error) }));
    }
  }

  async loadOlder(room: string, limit = 100): Promise<boolean> {
    const timeline = this.get(room);
    const before = timeline && timeline.log.window.length > 0 ? timeline.log.from : undefined;
    if (!timeline || timeline.loadingOlder || timeline.atStart || before === undefined || !hasOlder(timeline.log)) return false;
    this.#change(room, (t) => ({ ...t, loadingOlder: true }));
    try {
      const asked = { before, limit };
      const page = await this.#options.api.messages(room, asked);
      this.#change(room, (t) => {
        const done = { ...t, loadingOlder: false };
        // After a jump the page belongs to a window that is gone.
        return t.log.from === before ? withPage(done, page, page.items.length === 0 || page.items[0]?.n === 1, asked) : done;
      });
      return true;
    } catch {
      this.#change(room, (t) => ({ ...t, loadingOlder: false }));
      return false;
    }
  }

  async loadNewer(room: string): Promise<void> {
    const timeline = this.get(room);
    const after = timeline && timeline.log.window.length > 0 ? timeline.log.to : undefined;
    if (!timeline || timeline.loadingNewer || after === undefined || !hasNewer(timeline.log)) return;
    this.#change(room, (t) => ({ ...t, loadingNewer: true }));
    try {
      const asked = { after, limit: 100 };
      const page = await this.#options.api.messages(room, asked);
      this.#change(room, (t) => {
        const done = { ...t, loadingNewer: false };
        return t.log.window.length > 0 && t.log.from <= after + 1 && after <= t.log.to ? withPage(done, page, t.atStart, asked) : done;
      });
    } catch {
      this.#change(room, (t) => ({ ...t, loadingNewer: false }));
    }
  }

  /** Brings a message into the window. A reply is in none: it stands in its thread. */
  async loadMessage(room: string, id: string): Promise<Found> {
    const isLast = this.#move(room);
    try {
      const { n, thread } = await this.#options.api.message(room, id);
      if (thread) return { where: 'thread', thread };
      const asked = { around: n, limit: 100 };
      const page = await this.#options.api.messages(room, asked);
      if (!isLast()) return { where: 'overtaken' };
      if (!page.items.some((message) => message.id === id)) return { where: 'nowhere', error: null };
      this.#change(room, (t) => withPage(t, page, page.items[0]?.n === 1, asked));
      return { where: 'here' };
    } catch (error) {
      return isLast() ? { where: 'nowhere', error } : { where: 'overtaken' };
    }
  }

  /** Reads a message again, of whose thread a reply is gone. */
  async refresh(room: string, id: string): Promise<Message | null> {
    try {
      const fresh = await this.#options.api.message(room, id);
      this.#change(room, (t) => (t.log.window.some((message) => message.id === id)
        ? { ...t, log: { ...t.log, window: t.log.window.map((message) => (message.id === id ? { ...message, replies: fresh.replies ?? null } : message)) } }
        : t));
      return fresh;
    } catch {
      return null;
    }
  }

  /** Returns from the past: the window is the newest page again. The old window is dropped unless the two touch. */
  async loadLatest(room: string): Promise<void> {
    const timeline = this.get(room);
    if (timeline && hasNewer(timeline.log)) await this.load(room);
  }

  /** @returns Whether nothing has sent the window elsewhere since. */
  #move(room: string): () => boolean {
    const move = (this.#moves.get(room) ?? 0) + 1;
    this.#moves.set(room, move);
    return () => this.#moves.get(room) === move;
  }

  #watchGap(room: string): void {
    const timeline = this.get(room);
    if (!timeline || !hasGap(timeline.log) || this.#gapTimers.has(room) || this.#pulling.has(room) || !this.#options.socket.live) return;
    this.#gapTimers.set(room, setTimeout(() => {
      this.#gapTimers.delete(room);
      const now = this.get(room);
      if (now && hasGap(now.log)) void this.#pull(room);
    }, gapPatienceMs));
  }

  async #pull(room: string): Promise<void> {
    if (this.#pulling.has(room)) return;
    this.#pulling.add(room);
    let attempt = 0;
    try {
      for (let timeline = this.get(room); timeline && hasGap(timeline.log); timeline = this.get(room)) {
        const from = timeline.log.seq;
        try {
          const body = await this.#options.socket.request(replies.sync, 'room.sync', room, { from });
          this.applySync(room, body);
          if ((this.get(room)?.log.seq ?? from) > from) {
            attempt = 0;
            continue;
          }
          if (++attempt >= 3) return; // the server has nothing newer: the next beacon tells
        } catch (error) {
          if (!(error instanceof RequestError) || error.code === 'disconnected') return; // the next hello resumes
          if (error.code === 'gap_too_large') {
            this.reset(room, timeline.log.headSeq, timeline.log.headN);
            return;
          }
          if (!error.retryable) return;
          if (error.retryAfterMs !== null) {
            await delay(error.retryAfterMs);
            continue;
          }
        }
        await delay(backoffDelay(attempt++, this.#options.random));
      }
    } finally {
      this.#pulling.delete(room);
    }
  }

  #change(room: string, change: (timeline: Timeline) => Timeline): void {
    const timeline = this.get(room);
    if (timeline) this.#put(room, change(timeline));
  }

  #put(room: string, timeline: Timeline): void {
    if (this.get(room) !== timeline) this.all.update((map) => withEntry(map, room, timeline));
  }
}

function withPage(timeline: Timeline, page: MessagePage, reachesStart: boolean, asked: PageRange): Timeline {
  const log = mergePage(timeline.log, page, asked);
  return { ...timeline, log, atStart: reachesStart || log.window[0]?.n === 1 || (log.window === timeline.log.window && timeline.atStart) };
}

function trimmed(timeline: Timeline, log: RoomLog): Timeline {
  if (log === timeline.log) return timeline;
  return { ...timeline, log, status: log.window.length === 0 ? 'cold' : timeline.status, atStart: log.window[0]?.n === 1 };
}

const covers = ({ window, from, to }: RoomLog, n: number): boolean => window.length > 0 && from <= n && n <= to;

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
