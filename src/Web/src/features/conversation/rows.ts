import type { OutboxItem } from '@/lib/chat/outbox';
import type { Message, UserRef } from '@/lib/api/schemas';
import { deleted } from '@/lib/chat/message-changes';
import { dayOf } from '@/lib/dates';

/**
 * One row of the list: a message and what is shown above it. Separators are not rows of their own, since the list keeps its scroll position by
 * keys, and a row's key must stay with its message when older pages arrive.
 */
export interface Row {
  readonly key: string;
  readonly message: Message | null;
  readonly item: OutboxItem | null;
  readonly author: UserRef;
  readonly ts: string | number;
  /** A new day begins. */
  readonly day: boolean;
  /** The first message of others that had not been read when the room was opened. */
  readonly unread: boolean;
  /** Begins a group: name and picture are shown. */
  readonly head: boolean;
}

export interface RowsInput {
  readonly messages: readonly Message[];
  readonly outbox: readonly OutboxItem[];
  readonly me: UserRef;
  /** Messages above this `n` are new; null: no divider. */
  readonly dividerN: number | null;
}

/** The rows made last, by key, each with the one before it: a row that would be the same is the same object. */
export type RowCache = Map<string, { readonly row: Row; readonly before: Row | undefined }>;

const groupMs = 5 * 60_000;

/** With a cache, a message that arrives costs one new row: the others are found again, and are not drawn again. */
export function buildRows({ messages, outbox, me, dividerN }: RowsInput, cache: RowCache = new Map()): readonly Row[] {
  const rows: Row[] = [];
  const known = new Map(cache);
  cache.clear();
  const add = (key: string, message: Message | null, item: OutboxItem | null, author: UserRef, ts: string | number, unread: boolean) => {
    const before = rows.at(-1);
    const old = known.get(key);
    const same = old && old.before === before && old.row.message === message && old.row.item === item && old.row.unread === unread;
    const next = same ? old.row : row(before, key, message, item, author, ts, unread);
    cache.set(key, same ? old : { row: next, before });
    rows.push(next);
  };
  const confirmed = new Set<string>();
  // A window that begins later does not have the first unread message.
  let divided = dividerN === null || (messages[0]?.n ?? 0) > dividerN + 1;
  for (const message of messages) {
    if (message.cid !== null && message.author.id === me.id) confirmed.add(message.cid);
    const unread = !divided && dividerN !== null && message.n > dividerN && message.author.id !== me.id;
    if (unread) divided = true;
    add(keyOf(message), message, null, message.author, message.ts, unread);
  }
  for (const item of outbox) {
    if (!confirmed.has(item.cid)) add(`${me.id}/${item.cid}`, null, item, me, item.createdAt, false);
  }
  return rows;
}

/** A message keeps its key, and so its place on the screen, when it is confirmed. */
const keyOf = (message: Message): string => (message.cid === null ? message.id : `${message.author.id}/${message.cid}`);

function row(before: Row | undefined, key: string, message: Message | null, item: OutboxItem | null, author: UserRef, ts: string | number, unread: boolean): Row {
  const day = !before || dayOf(before.ts) !== dayOf(ts);
  const replies = (message?.replyTo ?? item?.replyTo ?? null) !== null;
  const close = before !== undefined && new Date(ts).getTime() - new Date(before.ts).getTime() < groupMs;
  const head = day || unread || replies || !close || before.author.id !== author.id;
  return { key, message, item, author, ts, day, unread, head };
}

const tombstones = new WeakMap<Row, Row>();

/** The row of a message as it will be once it is deleted. The same object for the same row. */
export function tombstoneOf(row: Row): Row {
  const known = tombstones.get(row);
  if (known) return known;
  const made: Row = row.message ? { ...row, message: deleted(row.message) } : row;
  tombstones.set(row, made);
  return made;
}
