import type { Message, Person, Preferences, Room } from '@/lib/api/schemas';
import type { DigestItem, DurableEvent } from '@/lib/socket/frames';
import { isMentioned, withChange } from './message-changes';

/** A room of the side bar. */
export interface RoomEntry {
  readonly id: string;
  readonly name: string;
  /** Nobody writes there any more. */
  readonly archived: boolean;
  /** The last event that `name`, `visibility` and `archived` include. */
  readonly settingsSeq: number;
  readonly topic: string | null;
  /** The last event that `topic` includes. */
  readonly topicSeq: number;
  /** Whether links in messages get cards; `linkCardsSeq` is the last event that it includes. */
  readonly linkCards: boolean;
  readonly linkCardsSeq: number;
  /** A file; `pictureSeq` is the last event that it includes. */
  readonly picture: string | null;
  readonly pictureSeq: number;
  readonly visibility: 'public' | 'private' | 'direct';
  /** The others in a direct room: their names are its name. */
  readonly people: readonly Person[];
  /** Whether a direct room is out of the list until its next message. */
  readonly hidden: boolean;
  readonly memberCount: number;
  readonly role: string | null;
  readonly lastMessage: Message | null;
  /** The last event `unread`, `mentions` and `memberCount` include. */
  readonly countedSeq: number;
  readonly unread: number;
  readonly mentions: number;
  readonly readN: number;
  /** What the user wants of the room. A change is here before the server has it. */
  readonly preferences: Preferences;
  /** Sort key of the list: the time of the last message, else of the room's creation, in milliseconds. */
  readonly activeAt: number;
}

/** The entry from REST, unless live events are newer. */
export function entryOf(room: Room, known?: RoomEntry): RoomEntry {
  const ahead = known !== undefined && known.countedSeq > room.head.seq;
  const readN = Math.max(room.readN ?? 0, known?.readN ?? 0);
  const readFurther = known !== undefined && known.readN > (room.readN ?? 0);
  // Of two copies of one message, that with the later events counts.
  const lastMessage = ahead ? newest(room.lastMessage, known.lastMessage) : newest(known?.lastMessage ?? null, room.lastMessage);
  const kept = known !== undefined && known.settingsSeq > room.head.seq ? known : room;
  return {
    id: room.id,
    name: kept.name,
    archived: kept.archived,
    visibility: kept.visibility,
    settingsSeq: Math.max(room.head.seq, known?.settingsSeq ?? 0),
    topic: known !== undefined && known.topicSeq > room.head.seq ? known.topic : room.topic,
    topicSeq: Math.max(room.head.seq, known?.topicSeq ?? 0),
    linkCards: known !== undefined && known.linkCardsSeq > room.head.seq ? known.linkCards : room.linkCards,
    linkCardsSeq: Math.max(room.head.seq, known?.linkCardsSeq ?? 0),
    picture: known !== undefined && known.pictureSeq > room.head.seq ? known.picture : room.picture,
    pictureSeq: Math.max(room.head.seq, known?.pictureSeq ?? 0),
    people: room.people,
    hidden: ahead ? known.hidden : room.hidden,
    role: room.role,
    lastMessage,
    readN,
    // Events and digests keep them up to date; what was asked before them may be older.
    preferences: known?.preferences ?? room.preferences,
    memberCount: ahead ? known.memberCount : room.memberCount,
    unread: ahead || readFurther ? known.unread : (room.unread ?? 0),
    mentions: ahead || readFurther ? known.mentions : (room.mentions ?? 0),
    countedSeq: Math.max(room.head.seq, known?.countedSeq ?? 0),
    activeAt: Date.parse(lastMessage?.ts ?? room.createdAt ?? '') || 0,
  };
}

export const isDirect = (room: { readonly visibility: string }): boolean => room.visibility === 'direct';

/** The one whom a conversation of two is with. */
export const otherOf = ({ people }: { readonly people: readonly Person[] }): Person | undefined => (people.length === 1 ? people[0] : undefined);

/** A direct room with what others now see of one of its people. */
export function withPerson(entry: RoomEntry, person: Person): RoomEntry {
  const people = entry.people.map((one) => (one.id === person.id ? person : one));
  return { ...entry, people, name: people.map(({ displayName }) => displayName).join(', ') };
}

export function withDigest(entry: RoomEntry, digest: DigestItem): RoomEntry {
  const { head, unread, mentions, readN } = digest;
  return { ...entry, unread, mentions, readN, countedSeq: Math.max(entry.countedSeq, head) };
}

export function withRead(entry: RoomEntry, read: { n: number; unread: number; mentions: number; back?: boolean }): RoomEntry {
  if (read.n < entry.readN && read.back !== true) return entry;
  return { ...entry, readN: read.n, unread: read.unread, mentions: read.mentions };
}

/** Counts an event once, even if a digest has counted it before it arrived. Mentions by `blocked` users do not count. */
export function withEvent(entry: RoomEntry, event: DurableEvent, me: string, blocked: ReadonlySet<string> = nobody): RoomEntry {
  const counts = event.seq > entry.countedSeq;
  const countedSeq = Math.max(entry.countedSeq, event.seq);
  switch (event.kind) {
    case 'message': {
      const { message } = event;
      if (message.thread) {
        // A reply in a thread is not in the room's list. A mention still is one.
        const named = counts && message.author.id !== me && message.mentions.includes(me) && !blocked.has(message.author.id);
        return { ...entry, countedSeq, hidden: entry.hidden && !counts, mentions: entry.mentions + (named ? 1 : 0) };
      }
      const lastMessage = newest(entry.lastMessage, message);
      const shown = { ...entry, countedSeq, lastMessage, hidden: entry.hidden && !counts, activeAt: (lastMessage && Date.parse(lastMessage.ts)) || entry.activeAt };
      if (!counts || message.n <= entry.readN) return shown;
      // Who writes has read what came before.
      if (message.author.id === me) return { ...shown, readN: message.n, unread: 0, mentions: 0 };
      const meant = isDirect(entry) || (isMentioned(message, me) && !blocked.has(message.author.id));
      return { ...shown, unread: entry.unread + 1, mentions: entry.mentions + (meant ? 1 : 0) };
    }
    case 'topic':
      // Not by the counters: a digest counts an event but does not contain the topic.
      return event.seq > entry.topicSeq ? { ...entry, countedSeq, topic: event.topic, topicSeq: event.seq } : { ...entry, countedSeq };
    case 'renamed':
      return { ...entry, countedSeq, ...(event.seq > entry.settingsSeq && { name: event.name, settingsSeq: event.seq }) };
    case 'visibility':
      return { ...entry, countedSeq, ...(event.seq > entry.settingsSeq && { visibility: event.visibility, settingsSeq: event.seq }) };
    case 'archived':
      return { ...entry, countedSeq, ...(event.seq > entry.settingsSeq && { archived: event.archived, settingsSeq: event.seq }) };
    case 'linkCards':
      return event.seq > entry.linkCardsSeq ? { ...entry, countedSeq, linkCards: event.on, linkCardsSeq: event.seq } : { ...entry, countedSeq };
    case 'picture':
      return event.seq > entry.pictureSeq ? { ...entry, countedSeq, picture: event.picture, pictureSeq: event.seq } : { ...entry, countedSeq };
    case 'edited':
    case 'deleted':
      // What it means for the counters depends on the message, which may not be here: the room is read again.
      return { ...entry, countedSeq, lastMessage: entry.lastMessage && withChange(entry.lastMessage, event) };
    case 'joined':
      return { ...entry, countedSeq, memberCount: entry.memberCount + (counts ? 1 : 0) };
    case 'role':
      return event.user.id === me ? { ...entry, countedSeq, role: event.role } : { ...entry, countedSeq };
    case 'left':
      return { ...entry, countedSeq, memberCount: Math.max(0, entry.memberCount - (counts ? 1 : 0)) };
    default:
      return countedSeq === entry.countedSeq ? entry : { ...entry, countedSeq };
  }
}

export const byActivity = (a: RoomEntry, b: RoomEntry): number =>
  b.activeAt - a.activeAt || a.name.localeCompare(b.name);

/** The order of the list: rooms, then people. It is the same tomorrow, whatever arrives. */
export const byName = (a: RoomEntry, b: RoomEntry): number => Number(isDirect(a)) - Number(isDirect(b)) || names.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);

const nobody: ReadonlySet<string> = new Set();

/** Room 9 stands before room 10. */
const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

function newest(a: Message | null, b: Message | null): Message | null {
  if (!a || !b) return a ?? b;
  return b.n >= a.n ? b : a;
}
