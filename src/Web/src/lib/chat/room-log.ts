import type { Message, MessagePage } from '@/lib/api/schemas';
import type { DurableEvent } from '@/lib/socket/frames';
import { withChanges, withReplies } from './message-changes';

/**
 * A client's copy of one room's log, as an immutable value. `seq` numbers all durable events and is applied without a gap; `n` numbers the
 * messages, and the window has all of a run of them but replies in threads, which are not in the room's list. The window may end before the newest
 * message (after a jump into the past): then live messages move the head and leave the window alone. Pending messages are not part of it: they have
 * no place in the order yet.
 */
export interface RoomLog {
  /** The last event applied. */
  readonly seq: number;
  /** The newest event known to exist. */
  readonly headSeq: number;
  readonly headN: number;
  /** Ascending by `n`. */
  readonly window: readonly Message[];
  /** The run of numbers of which the window has every message that is in no thread; empty (`to` is below `from`) where it has none. */
  readonly from: number;
  readonly to: number;
  /** Events from beyond a gap, by seq. */
  readonly held: ReadonlyMap<number, DurableEvent>;
}

/** The most events kept from beyond a gap: the pull that closes the gap returns the others again. */
export const heldLimit = 512;

export function createLog(seq: number, n: number, window: readonly Message[] = []): RoomLog {
  return { seq, headSeq: seq, headN: n, window, from: window[0]?.n ?? n + 1, to: window.at(-1)?.n ?? n, held: new Map() };
}

/** Where a page was asked for, which says how far it reaches beyond its messages. */
export interface PageRange {
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  readonly limit?: number;
}

export interface Applied {
  readonly log: RoomLog;
  /** The events applied now, ascending: each event of the room exactly once in the lifetime of the log. */
  readonly events: readonly DurableEvent[];
}

export function applyEvents(log: RoomLog, incoming: readonly DurableEvent[]): Applied {
  const held = new Map(log.held);
  let headSeq = log.headSeq;
  for (const event of incoming) {
    if (event.seq > log.seq) held.set(event.seq, event);
    headSeq = Math.max(headSeq, event.seq);
  }
  const events: DurableEvent[] = [];
  let seq = log.seq;
  for (let next = held.get(seq + 1); next; next = held.get(seq + 1)) {
    held.delete(++seq);
    events.push(next);
  }
  if (held.size > heldLimit) held.clear();
  const messages = events.flatMap((event) => (event.kind === 'message' ? [event.message] : []));
  const headN = messages.reduce((n, message) => Math.max(n, message.n), log.headN);
  return { log: append({ ...log, seq, headSeq, headN, held }, messages, events), events };
}

export function learnHead(log: RoomLog, headSeq: number, headN: number = log.headN): RoomLog {
  if (headSeq <= log.headSeq && headN <= log.headN) return log;
  return { ...log, headSeq: Math.max(log.headSeq, headSeq), headN: Math.max(log.headN, headN) };
}

/**
 * Adds a page of history. Only events move `seq`: when a message of a page also arrives as an event, it moves `seq`, and is already in
 * the window. A page that does not touch the window replaces it.
 */
export function mergePage(log: RoomLog, page: MessagePage, asked: PageRange = {}): RoomLog {
  const learnt = learnHead(log, page.head.seq, page.head.n);
  const { from, to } = rangeOf(page, asked);
  if (to < from) return learnt;
  if (log.to < log.from || log.window.length === 0 || from > log.to + 1 || to < log.from - 1) return { ...learnt, window: page.items, from, to };
  const before = page.items.filter((message) => message.n < log.from);
  const after = page.items.filter((message) => message.n > log.to);
  const window = before.length + after.length === 0 ? log.window : [...before, ...log.window, ...after];
  return { ...learnt, window, from: Math.min(from, log.from), to: Math.max(to, log.to) };
}

/**
 * Beside the messages of a page there may be replies in threads, which no page of the list has: at the end of the room any number, but never at its
 * beginning.
 */
function rangeOf({ items, head }: MessagePage, { before, after, around, limit = 0 }: PageRange): { from: number; to: number } {
  const first = items[0]?.n ?? head.n + 1;
  const last = items.at(-1)?.n ?? head.n;
  if (before !== undefined) return { from: items.length === 0 ? 1 : first, to: before - 1 };
  if (after !== undefined) return { from: after + 1, to: items.length < limit ? head.n : last };
  return { from: first, to: around === undefined && limit > 0 ? Math.max(last, head.n) : last };
}

export const hasGap = (log: RoomLog): boolean => log.headSeq > log.seq;

export const hasNewer = (log: RoomLog): boolean => log.window.length > 0 && log.to < log.headN;

export const hasOlder = (log: RoomLog): boolean => log.window.length > 0 && log.from > 1;

/** How many messages of the list above a number are known not to be deleted; null where the window does not reach that far. */
export const countAbove = (log: RoomLog, n: number): number | null =>
  log.from <= n + 1 && log.to >= log.headN ? log.window.filter((message) => message.n > n && !message.deleted).length : null;

/** Keeps the newest messages of a room that is not in view. */
export function trimWindow(log: RoomLog, keep: number): RoomLog {
  if (log.window.length <= keep) return log;
  if (hasNewer(log)) return { ...log, window: [], from: log.headN + 1, to: log.headN };
  const window = log.window.slice(-keep);
  return { ...log, window, from: window[0]?.n ?? log.from };
}

function append(log: RoomLog, messages: readonly Message[], events: readonly DurableEvent[]): RoomLog {
  let { from, to } = log;
  const added: Message[] = [];
  for (const message of messages) {
    if (message.n !== to + 1) {
      if (log.window.length + added.length > 0) continue;
      from = message.n;
    }
    to = message.n;
    if (!message.thread) added.push(message);
  }
  const window = added.length === 0 ? log.window : [...log.window, ...added];
  return { ...log, from, to, window: withReplies(withChanges(window, events), events) };
}
