import * as v from 'valibot';

/** The shapes of docs/rest.md, shared by REST answers and WebSocket frames. Unknown fields are dropped. */

export const userRef = v.object({ id: v.string(), username: v.string(), displayName: v.string() });
export type UserRef = v.InferOutput<typeof userRef>;

/** What a user says of themselves. Either may be empty, not both. */
export const status = v.object({ emoji: v.string(), text: v.string() });
export type Status = v.InferOutput<typeof status>;

/** What others see of a user. `avatar` is a file. */
export const person = v.object({
  ...userRef.entries,
  avatar: v.optional(v.nullable(v.string()), null),
  status: v.optional(v.nullable(status), null),
});
export type Person = v.InferOutput<typeof person>;

export const me = v.object({
  ...userRef.entries,
  email: v.optional(v.nullable(v.string()), null),
  locale: v.optional(v.nullable(v.string()), null),
  avatar: v.optional(v.nullable(v.string()), null),
  status: v.optional(v.nullable(status), null),
  /** Of the installation. */
  owner: v.optional(v.boolean(), false),
});
export type Me = v.InferOutput<typeof me>;

export const session = v.object({ user: me, expiresIn: v.number() });

export const head = v.object({ seq: v.number(), n: v.number() });
export type Head = v.InferOutput<typeof head>;

/** A file of a message. `width`, `height`, `placeholder` (a data: URL) and `thumbnails` (small, large) are an image's. */
export const messageFile = v.object({
  id: v.string(),
  name: v.string(),
  type: v.optional(v.string(), 'application/octet-stream'),
  size: v.number(),
  width: v.optional(v.nullable(v.number()), null),
  height: v.optional(v.nullable(v.number()), null),
  placeholder: v.optional(v.nullable(v.string()), null),
  thumbnails: v.optional(v.array(v.object({ width: v.number(), height: v.number() })), []),
});
export type MessageFile = v.InferOutput<typeof messageFile>;

const cardImage = v.object({
  id: v.string(),
  width: v.number(),
  height: v.number(),
  placeholder: v.optional(v.nullable(v.string()), null),
});

/** What a link of a message leads to. A card with an image that cannot be read is shown without. */
export const linkCard = v.object({
  url: v.string(),
  title: v.string(),
  description: v.string(),
  site: v.string(),
  image: v.fallback(v.optional(v.nullable(cardImage), null), null),
});
export type LinkCard = v.InferOutput<typeof linkCard>;

export const preview = v.object({ cards: v.array(linkCard) });

/** What a message has of one emoji. `users` are some of them, whoever is signed in first if they are one. */
export const reaction = v.object({ emoji: v.string(), count: v.number(), users: v.array(v.string()) });
export type Reaction = v.InferOutput<typeof reaction>;

/** What `replyTo` holds is the id of the message answered. */
const replyTo = v.optional(v.nullable(v.string()), null);

/** Whom a message mentions besides: all members, or those who were online, who are among the mentions. */
export const audience = v.fallback(v.optional(v.nullable(v.picklist(['room', 'here'])), null), null);

export const message = v.object({
  room: v.string(),
  seq: v.number(),
  n: v.number(),
  id: v.string(),
  cid: v.optional(v.nullable(v.string()), null),
  author: userRef,
  text: v.string(),
  ts: v.string(),
  editedAt: v.optional(v.nullable(v.string()), null),
  deleted: v.optional(v.boolean(), false),
  replyTo,
  files: v.optional(v.array(messageFile), []),
  preview: v.optional(v.nullable(preview), null),
  reactions: v.optional(v.array(reaction), []),
  mentions: v.optional(v.array(v.string()), []),
  audience,
});
export type Message = v.InferOutput<typeof message>;

/** The profile card. `online` and `lastSeen` are null where they are not known, or not for the user. */
export const profile = v.object({
  ...person.entries,
  online: v.optional(v.nullable(v.boolean()), null),
  lastSeen: v.optional(v.nullable(v.string()), null),
  blocked: v.optional(v.boolean(), false),
  role: v.optional(v.nullable(v.string()), null),
});
export type Profile = v.InferOutput<typeof profile>;

export const notifyLevel = v.picklist(['all', 'mentions', 'none']);

/** How the user wants a room. */
export const preferences = v.object({
  /** Null: as the user's settings say. */
  notify: v.nullable(notifyLevel),
  muted: v.boolean(),
  favourite: v.boolean(),
  order: v.number(),
});
export type Preferences = v.InferOutput<typeof preferences>;

export const noPreferences: Preferences = { notify: null, muted: false, favourite: false, order: 0 };

/** What the user is told of, on all devices. */
export const settings = v.object({
  notify: notifyLevel,
  quietUntil: v.nullable(v.string()),
  quietHours: v.nullable(v.object({ from: v.string(), to: v.string(), timeZone: v.string() })),
  /** Whether some browser of the user gets pushes. */
  push: v.boolean(),
});
export type Settings = v.InferOutput<typeof settings>;

export const room = v.object({
  id: v.string(),
  name: v.string(),
  topic: v.optional(v.nullable(v.string()), null),
  visibility: v.picklist(['public', 'private', 'direct']),
  memberCount: v.number(),
  onlineCount: v.optional(v.nullable(v.number()), null),
  lastMessage: v.optional(v.nullable(message), null),
  unread: v.optional(v.nullable(v.number()), 0),
  mentions: v.optional(v.nullable(v.number()), 0),
  joined: v.optional(v.boolean(), false),
  role: v.optional(v.nullable(v.string()), null),
  head,
  readN: v.optional(v.nullable(v.number()), 0),
  createdAt: v.optional(v.nullable(v.string()), null),
  linkCards: v.optional(v.boolean(), true),
  picture: v.optional(v.nullable(v.string()), null),
  /** The others in a direct room. */
  people: v.optional(v.array(person), []),
  /** Whether a direct room is out of the list until its next message. */
  hidden: v.optional(v.boolean(), false),
  archived: v.optional(v.boolean(), false),
  preferences: v.optional(preferences, noPreferences),
});
export type Room = v.InferOutput<typeof room>;

export const member = v.object({
  user: userRef,
  role: v.optional(v.nullable(v.string()), null),
  online: v.optional(v.nullable(v.boolean()), null),
  joinedAt: v.optional(v.nullable(v.string()), null),
});
export type Member = v.InferOutput<typeof member>;

export const ban = v.object({ user: userRef, by: userRef, reason: v.string(), ts: v.string() });
export type Ban = v.InferOutput<typeof ban>;

/** A row of a room's audit list. `subject` is null where the room itself changed. */
export const auditEntry = v.object({
  seq: v.number(),
  ts: v.string(),
  action: v.string(),
  by: userRef,
  subject: v.optional(v.nullable(userRef), null),
  detail: v.optional(v.string(), ''),
});
export type AuditEntry = v.InferOutput<typeof auditEntry>;

export const invite = v.object({
  code: v.string(),
  url: v.string(),
  expiresAt: v.string(),
  maxUses: v.optional(v.nullable(v.number()), null),
  uses: v.number(),
});
export type Invite = v.InferOutput<typeof invite>;

/** What somebody with an invitation sees of the room before joining. */
export const invitedRoom = v.object({
  room: v.string(),
  name: v.string(),
  topic: v.string(),
  visibility: v.picklist(['public', 'private']),
  memberCount: v.number(),
  joined: v.boolean(),
});
export type InvitedRoom = v.InferOutput<typeof invitedRoom>;

const textRange = v.object({ start: v.number(), length: v.number() });

/** A message that a search has found. */
export const messageHit = v.object({
  message,
  room: v.object({ id: v.string(), name: v.string(), visibility: v.string(), picture: v.optional(v.nullable(v.string()), null) }),
  matches: v.array(textRange),
  snippet: v.object({ text: v.string(), matches: v.array(textRange), cutBefore: v.boolean(), cutAfter: v.boolean() }),
});
export type MessageHit = v.InferOutput<typeof messageHit>;

/** `message` has no reactions. */
export const savedMessage = v.object({ message, room: messageHit.entries.room, savedAt: v.string() });
export type SavedMessage = v.InferOutput<typeof savedMessage>;

export const listOf = <T extends v.GenericSchema>(item: T) =>
  v.object({ items: v.array(item), nextCursor: v.optional(v.nullable(v.string()), null) });

export const messagePage = v.object({ items: v.array(message), head });
export type MessagePage = v.InferOutput<typeof messagePage>;

export const problem = v.object({
  code: v.optional(v.string(), 'unknown'),
  title: v.optional(v.nullable(v.string()), null),
  detail: v.optional(v.nullable(v.string()), null),
  errors: v.optional(v.nullable(v.record(v.string(), v.array(v.string()))), null),
});
