import type { Message, MessagePage } from '@/lib/api/schemas';
import type { DurableEvent } from '@/lib/socket/frames';
import { withChanges } from './message-changes';

/**
 * A client's copy of one room's log, as an immutable value. `seq` numbers all durable events and is applied without a gap; `n` numbers the
 * messages, and the window is a run of them without a gap. The window may end before the newest message (after a jump into the past):
 * then live messages move the head and leave the window alone. Pending messages are not part of it: they have no place in the order yet.
 */
export interface RoomLog {
  /** The last event applied. */
  readonly seq: number;
  /** The newest event known to exist. */
  readonly headSeq: number;
  readonly headN: number;
  /** Ascending by `n`, without a gap. */
  readonly window: readonly Message[];
  /** Events from beyond a gap, by seq. */
  readonly held: ReadonlyMap<number, DurableEvent>;
}

/** The most events kept from beyond a gap: the pull that closes the gap returns the others again. */
export const heldLimit = 512;

export function createLog(seq: number, n: number, window: readonly Message[] = []): RoomLog {
  return { seq, headSeq: seq, headN: n, window, held: new Map() };
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
  return { log: { seq, headSeq, headN, held, window: withChanges(append(log.window, messages), events) }, events };
}

export function learnHead(log: RoomLog, headSeq: number, headN: number = log.headN): RoomLog {
  if (headSeq <= log.headSeq && headN <= log.headN) return log;
  return { ...log, headSeq: Math.max(log.headSeq, headSeq), headN: Math.max(log.headN, headN) };
}

/**
 * Adds a page of history. Only events move `seq`: when a message of a page also arrives as an event, it moves `seq`, and is already in
 * the window. A page that does not touch the window replaces it.
 */
export function mergePage(log: RoomLog, page: MessagePage): RoomLog {
  const learnt = learnHead(log, page.head.seq, page.head.n);
  const first = page.items[0];
  const last = page.items.at(-1);
  if (!first || !last) return learnt;
  const low = log.window[0];
  const high = log.window.at(-1);
  if (!low || !high || first.n > high.n + 1 || last.n < low.n - 1) return { ...learnt, window: page.items };
  const before = page.items.filter((message) => message.n < low.n);
  const after = page.items.filter((message) => message.n > high.n);
  return { ...learnt, window: before.length + after.length === 0 ? log.window : [...before, ...log.window, ...after] };
}

export const hasGap = (log: RoomLog): boolean => log.headSeq > log.seq;

export const hasNewer = (log: RoomLog): boolean => (log.window.at(-1)?.n ?? log.headN) < log.headN;

export const hasOlder = (log: RoomLog): boolean => (log.window[0]?.n ?? 1) > 1;

/** Keeps the newest messages of a room that is not in view. */
export function trimWindow(log: RoomLog, keep: number): RoomLog {
  if (log.window.length <= keep || hasNewer(log)) return log.window.length <= keep ? log : { ...log, window: [] };
  return { ...log, window: log.window.slice(-keep) };
}

function append(window: readonly Message[], messages: readonly Message[]): readonly Message[] {
  if (messages.length === 0) return window;
  const result = [...window];
  for (const message of messages) {
    const last = result.at(-1);
    if (!last || message.n === last.n + 1) result.push(message);
  }
  return result;
}
