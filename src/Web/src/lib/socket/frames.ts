import * as v from 'valibot';
import { audience, linkCard, messageFile, noPreferences, person, preferences, preview, reaction, room, settings, userRef, type LinkCard, type Message } from '@/lib/api/schemas';

/** The frames of docs/protocol.md. `parseFrame` answers null for what is to be ignored, and reports what is malformed. */

const id = v.string();
const ids = v.array(v.string());

const messageBody = v.object({
  id,
  n: v.number(),
  cid: v.optional(v.nullable(v.string()), null),
  author: v.string(),
  authorInfo: v.optional(v.nullable(userRef), null),
  text: v.string(),
  ts: v.string(),
  editedAt: v.optional(v.nullable(v.string()), null),
  deleted: v.optional(v.boolean(), false),
  replyTo: v.optional(v.nullable(v.string()), null),
  files: v.optional(v.array(messageFile), []),
  preview: v.optional(v.nullable(preview), null),
  reactions: v.optional(v.array(reaction), []),
  mentions: v.optional(v.array(v.string()), []),
  thread: v.optional(v.nullable(v.string())),
  audience,
});

/**
 * A durable event of a room. One of a kind this client does not know still takes its place in the order: its `seq` must be counted,
 * or every newer event would look like a gap.
 */
const durableEvent = v.object({ ev: v.string(), room: v.optional(id), seq: v.number(), d: v.optional(v.unknown()) });

export type DurableEvent =
  | { readonly kind: 'message'; readonly seq: number; readonly message: Message }
  | { readonly kind: 'joined' | 'left'; readonly seq: number; readonly user: v.InferOutput<typeof userRef>; readonly role: string | null }
  | { readonly kind: 'role'; readonly seq: number; readonly user: v.InferOutput<typeof userRef>; readonly role: string }
  | { readonly kind: 'renamed'; readonly seq: number; readonly name: string }
  | { readonly kind: 'visibility'; readonly seq: number; readonly visibility: 'public' | 'private' }
  | { readonly kind: 'archived'; readonly seq: number; readonly archived: boolean }
  | { readonly kind: 'topic'; readonly seq: number; readonly topic: string; readonly by: v.InferOutput<typeof userRef> }
  | { readonly kind: 'links'; readonly seq: number; readonly id: string; readonly n: number; readonly cards: readonly LinkCard[] }
  | { readonly kind: 'linkCards'; readonly seq: number; readonly on: boolean }
  | { readonly kind: 'picture'; readonly seq: number; readonly picture: string | null }
  | ({ readonly kind: 'edited'; readonly seq: number } & v.InferOutput<typeof messageEdited>)
  | ({ readonly kind: 'deleted'; readonly seq: number } & v.InferOutput<typeof messageDeleted>)
  | ({ readonly kind: 'reaction'; readonly seq: number } & v.InferOutput<typeof reactionSet>)
  | ({ readonly kind: 'pinned'; readonly seq: number } & v.InferOutput<typeof messagePinned>)
  | { readonly kind: 'created'; readonly seq: number }
  | { readonly kind: 'other'; readonly seq: number };

const linkAttached = v.object({ id, n: v.number(), cards: v.array(linkCard) });
const messageEdited = v.object({ id, n: v.number(), text: v.string(), editedAt: v.string(), mentions: v.optional(ids, []), audience, thread: v.optional(v.string()) });
const messageDeleted = v.object({ id, n: v.number(), by: userRef, thread: v.optional(v.string()) });
const reactionSet = v.object({ id, n: v.number(), user: userRef, emoji: v.string(), on: v.boolean(), count: v.number() });
const messagePinned = v.object({ id, n: v.number(), by: userRef, on: v.boolean() });
const linkCardsChange = v.object({ linkCards: v.boolean() });
const pictureChange = v.object({ picture: v.nullable(v.string()) });
const renamed = v.object({ name: v.string() });
const visibilityChange = v.object({ visibility: v.picklist(['public', 'private']) });
const archivedChange = v.object({ archived: v.boolean() });
const topicChange = v.object({ topic: v.string(), by: userRef });
const memberRole = v.object({ user: userRef, role: v.string() });
const memberRemoval = v.object({ user: userRef, wasMember: v.optional(v.boolean(), true) });
const memberChange = v.object({ user: userRef, role: v.optional(v.nullable(v.string()), null) });

const syncBody = v.object({
  from: v.number(),
  to: v.number(),
  head: v.number(),
  events: v.array(durableEvent),
  complete: v.boolean(),
});

const digestItem = v.object({ room: id, head: v.number(), n: v.number(), readN: v.number(), unread: v.number(), mentions: v.number(), preferences: v.optional(preferences, noPreferences) });
const threadDigestItem = v.object({ room: id, thread: id, readN: v.number(), unread: v.number(), seq: v.number() });
const threadState = v.object({ thread: id, following: v.boolean(), readN: v.number(), unread: v.number(), mentions: v.number(), seq: v.number() });
const presenceState = v.picklist(['ok', 'unknown']);
const nullableIds = v.optional(v.nullable(ids), null);

const eventSchemas = {
  'room.sync': v.object({ room: id, d: syncBody }),
  'room.reset': v.object({ room: id, d: v.object({ head: v.number(), n: v.number(), reason: v.string() }) }),
  'room.digest': v.object({ d: v.array(digestItem) }),
  'thread.digest': v.object({ d: v.array(threadDigestItem) }),
  'sync.done': v.object({}),
  'room.head': v.object({ d: v.array(v.object({ room: id, head: v.number(), n: v.number() })) }),
  'room.lagged': v.object({ room: id, d: v.object({ head: v.number() }) }),
  'membership.added': v.object({ useq: v.optional(v.number()), d: v.object({ room }) }),
  'membership.removed': v.object({ useq: v.optional(v.number()), d: v.object({ room: id, reason: v.optional(v.string(), 'left') }) }),
  'read.updated': v.object({
    useq: v.optional(v.number()),
    room: id,
    d: v.object({ n: v.number(), unread: v.number(), mentions: v.number(), back: v.optional(v.boolean(), false) }),
  }),
  'thread.updated': v.object({ useq: v.optional(v.number()), room: id, d: threadState }),
  'user.unknown': v.object({ useq: v.optional(v.number()) }),
  'user.blocked': v.object({ useq: v.optional(v.number()), d: v.object({ user: id, on: v.boolean() }) }),
  'direct.hidden': v.object({ useq: v.optional(v.number()), room: id, d: v.object({ hidden: v.boolean() }) }),
  'message.saved': v.object({ useq: v.optional(v.number()), room: id, d: v.object({ message: id, on: v.boolean() }) }),
  'settings.updated': v.object({ useq: v.optional(v.number()), d: settings }),
  'preferences.updated': v.object({ useq: v.optional(v.number()), room: id, d: preferences }),
  typing: v.object({ room: id, d: v.object({ users: ids, ttlMs: v.optional(v.number(), 6000) }) }),
  presence: v.object({
    room: id,
    d: v.object({
      state: presenceState,
      online: nullableIds,
      joined: nullableIds,
      left: nullableIds,
      onlineCount: v.optional(v.nullable(v.number()), null),
    }),
  }),
  'user.changed': v.object({ d: person }),
  'server.draining': v.object({ d: v.object({ reconnectMs: v.tuple([v.number(), v.number()]) }) }),
  pong: v.object({}),
};

type EventSchemas = typeof eventSchemas;
export type ServerEvent = { [K in keyof EventSchemas]: { readonly ev: K } & v.InferOutput<EventSchemas[K]> }[keyof EventSchemas];
export type SyncBody = v.InferOutput<typeof syncBody>;
export type DigestItem = v.InferOutput<typeof digestItem>;
export type ThreadDigestItem = v.InferOutput<typeof threadDigestItem>;
export type ThreadState = v.InferOutput<typeof threadState>;

const errorBody = v.object({
  code: v.string(),
  message: v.optional(v.nullable(v.string()), null),
  retryable: v.optional(v.boolean(), false),
  retryAfterMs: v.optional(v.nullable(v.number()), null),
});

const replyFrame = v.object({ re: v.nullable(v.string()), ok: v.literal(true), d: v.optional(v.unknown()) });
const errorFrame = v.object({ re: v.nullable(v.string()), err: errorBody });
const eventFrame = v.looseObject({ ev: v.string() });

export type Frame =
  | { readonly type: 'reply'; readonly re: string | null; readonly d: unknown }
  | { readonly type: 'error'; readonly re: string | null; readonly err: v.InferOutput<typeof errorBody> }
  | { readonly type: 'durable'; readonly room: string; readonly event: DurableEvent }
  | { readonly type: 'event'; readonly event: ServerEvent; readonly useq: number | null };

export const replies = {
  hello: v.object({
    session: v.optional(v.string(), ''),
    epoch: v.string(),
    user: userRef,
    userSeq: v.optional(v.number(), 0),
    time: v.string(),
    heartbeatMs: v.optional(v.number(), 25_000),
    settings: v.optional(settings),
    limits: v.optional(
      v.object({
        frameBytes: v.optional(v.number(), 65_536),
        textBytes: v.optional(v.number(), 16_384),
        sendPerSec: v.optional(v.number(), 5),
        burst: v.optional(v.number(), 20),
        fileBytes: v.optional(v.number(), 104_857_600),
        fileTypes: v.optional(v.array(v.string()), []),
        messageFiles: v.optional(v.number(), 10),
      }),
      {},
    ),
  }),
  send: v.object({ seq: v.number(), n: v.number(), id: v.string(), ts: v.string(), dup: v.optional(v.boolean(), false) }),
  sync: syncBody,
  read: v.object({ n: v.number(), unread: v.number(), mentions: v.number() }),
  thread: threadState,
  watch: v.object({ state: presenceState, online: nullableIds, onlineCount: v.optional(v.nullable(v.number()), null) }),
};
export type Hello = v.InferOutput<typeof replies.hello>;
export type SendReply = v.InferOutput<typeof replies.send>;

export type Report = (what: string, detail: unknown) => void;

export const reportToConsole: Report = (what, detail) => console.warn(`akkachat: ${what}`, detail);

export function parseFrame(data: unknown, report: Report = reportToConsole): Frame | null {
  let json: unknown;
  try {
    json = typeof data === 'string' ? JSON.parse(data) : undefined;
  } catch {
    json = undefined;
  }
  if (typeof json !== 'object' || json === null) {
    report('a frame that is not a JSON object was ignored', data);
    return null;
  }
  if ('ev' in json) return parseEvent(json, report);
  const reply = v.safeParse(replyFrame, json);
  if (reply.success) return { type: 'reply', re: reply.output.re, d: reply.output.d };
  const error = v.safeParse(errorFrame, json);
  if (error.success) return { type: 'error', re: error.output.re, err: error.output.err };
  report('a malformed reply was ignored', json);
  return null;
}

function parseEvent(json: object, report: Report): Frame | null {
  const named = v.safeParse(eventFrame, json);
  if (!named.success) {
    report('an event without a name was ignored', json);
    return null;
  }
  const { ev } = named.output;
  if (Object.hasOwn(eventSchemas, ev)) {
    const schema = eventSchemas[ev as keyof EventSchemas];
    const parsed = v.safeParse(schema, json);
    if (!parsed.success) {
      report(`a malformed ${ev} was ignored`, json);
      return null;
    }
    const useq = 'useq' in json && typeof json.useq === 'number' ? json.useq : null;
    return { type: 'event', event: { ev, ...parsed.output } as ServerEvent, useq };
  }
  if ('useq' in json && typeof json.useq === 'number') {
    // An event of a later version: it has a place in the user's stream.
    return { type: 'event', event: { ev: 'user.unknown' }, useq: json.useq };
  }
  const durable = v.safeParse(durableEvent, json);
  if (!durable.success || durable.output.room === undefined) return null; // an event of a later version
  const event = readDurable(durable.output.room, durable.output, report);
  return event && { type: 'durable', room: durable.output.room, event };
}

/** A malformed durable event answers null: it stays a gap, which the next pull repairs, rather than a hole nobody knows of. */
export function readDurable(room: string, raw: v.InferOutput<typeof durableEvent>, report: Report = reportToConsole): DurableEvent | null {
  const { ev, seq } = raw;
  switch (ev) {
    case 'message.created': {
      const body = v.safeParse(messageBody, raw.d);
      if (!body.success) break;
      const { author, authorInfo, ...rest } = body.output;
      const info = authorInfo ?? { id: author, username: author, displayName: author };
      return { kind: 'message', seq, message: { ...rest, room, seq, author: info } };
    }
    case 'member.joined':
    case 'member.left': {
      const body = v.safeParse(memberChange, raw.d);
      if (!body.success) break;
      return { kind: ev === 'member.joined' ? 'joined' : 'left', seq, user: body.output.user, role: body.output.role };
    }
    case 'member.kicked':
    case 'member.banned': {
      const body = v.safeParse(memberRemoval, raw.d);
      if (!body.success) break;
      // A ban of somebody who was not in the room changes nothing that is shown.
      return body.output.wasMember ? { kind: 'left', seq, user: body.output.user, role: null } : { kind: 'other', seq };
    }
    case 'member.role': {
      const body = v.safeParse(memberRole, raw.d);
      if (!body.success) break;
      return { kind: 'role', seq, ...body.output };
    }
    case 'room.topicChanged': {
      const body = v.safeParse(topicChange, raw.d);
      if (!body.success) break;
      return { kind: 'topic', seq, topic: body.output.topic, by: body.output.by };
    }
    case 'room.renamed': {
      const body = v.safeParse(renamed, raw.d);
      if (!body.success) break;
      return { kind: 'renamed', seq, name: body.output.name };
    }
    case 'room.visibilityChanged': {
      const body = v.safeParse(visibilityChange, raw.d);
      if (!body.success) break;
      return { kind: 'visibility', seq, visibility: body.output.visibility };
    }
    case 'room.archived': {
      const body = v.safeParse(archivedChange, raw.d);
      if (!body.success) break;
      return { kind: 'archived', seq, archived: body.output.archived };
    }
    case 'room.deleted': // what it means for the user, the user's stream says
      return { kind: 'other', seq };
    case 'link.attached': {
      const body = v.safeParse(linkAttached, raw.d);
      if (!body.success) break;
      return { kind: 'links', seq, ...body.output };
    }
    case 'room.linkCardsChanged': {
      const body = v.safeParse(linkCardsChange, raw.d);
      if (!body.success) break;
      return { kind: 'linkCards', seq, on: body.output.linkCards };
    }
    case 'room.pictureChanged': {
      const body = v.safeParse(pictureChange, raw.d);
      if (!body.success) break;
      return { kind: 'picture', seq, picture: body.output.picture };
    }
    case 'message.edited': {
      const body = v.safeParse(messageEdited, raw.d);
      if (!body.success) break;
      return { kind: 'edited', seq, ...body.output };
    }
    case 'message.deleted': {
      const body = v.safeParse(messageDeleted, raw.d);
      if (!body.success) break;
      return { kind: 'deleted', seq, ...body.output };
    }
    case 'reaction.set': {
      const body = v.safeParse(reactionSet, raw.d);
      if (!body.success) break;
      return { kind: 'reaction', seq, ...body.output };
    }
    case 'message.pinned': {
      const body = v.safeParse(messagePinned, raw.d);
      if (!body.success) break;
      return { kind: 'pinned', seq, ...body.output };
    }
    case 'member.unbanned': // changes nothing that is shown
      return { kind: 'other', seq };
    case 'room.created':
      return { kind: 'created', seq };
    default:
      return { kind: 'other', seq };
  }
  report(`a malformed ${ev} was ignored`, raw);
  return null;
}
