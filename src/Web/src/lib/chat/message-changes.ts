import type { Message, Reaction } from '@/lib/api/schemas';
import type { DurableEvent } from '@/lib/socket/frames';

type MessageEvent = Extract<DurableEvent, { readonly kind: 'edited' | 'deleted' | 'reaction' | 'links' }>;

const changes = (event: DurableEvent): event is MessageEvent =>
  event.kind === 'edited' || event.kind === 'deleted' || event.kind === 'reaction' || event.kind === 'links';

/** What the events make of the messages, in their order. Messages that do not change stay the same objects, and so do their rows. */
export function withChanges(messages: readonly Message[], events: readonly DurableEvent[]): readonly Message[] {
  const byId = new Map<string, MessageEvent[]>();
  for (const event of events) if (changes(event)) byId.set(event.id, [...(byId.get(event.id) ?? []), event]);
  if (byId.size === 0) return messages;
  return messages.map((message) => (byId.get(message.id) ?? []).reduce(withChange, message));
}

/** Each event has the new value of what it changes, so one that the message has already changes nothing. */
export function withChange(message: Message, event: DurableEvent): Message {
  if (message.deleted || !changes(event) || event.id !== message.id) return message;
  switch (event.kind) {
    case 'edited':
      return { ...message, text: event.text, editedAt: event.editedAt, mentions: event.mentions, audience: event.audience };
    case 'deleted':
      return deleted(message);
    case 'reaction':
      return { ...message, reactions: withReaction(message.reactions, event.emoji, event.user.id, event.on, event.count) };
    case 'links':
      return { ...message, preview: event.cards.length === 0 ? null : { cards: [...event.cards] } };
  }
}

const tombstones = new WeakMap<Message, Message>();

/** What is left of a message. The same object for the same message. */
export function deleted(message: Message): Message {
  const known = tombstones.get(message);
  if (known) return known;
  const made: Message = { ...message, text: '', editedAt: null, mentions: [], audience: null, files: [], preview: null, reactions: [], deleted: true };
  tombstones.set(message, made);
  return made;
}

function withReaction(reactions: readonly Reaction[], emoji: string, user: string, on: boolean, count: number): Reaction[] {
  const known = reactions.find((reaction) => reaction.emoji === emoji);
  const others = (known?.users ?? []).filter((id) => id !== user);
  const changed = { emoji, count, users: on ? [...others, user] : others };
  if (count === 0) return reactions.filter((reaction) => reaction !== known);
  return known ? reactions.map((reaction) => (reaction === known ? changed : reaction)) : [...reactions, changed];
}

/** Whether the message is meant for the user: by name, or with everybody. In a direct room every message is. */
export const isMentioned = ({ mentions, audience, author }: Message, me: string): boolean =>
  mentions.includes(me) || (audience === 'room' && author.id !== me);

/** The link cards that are shown: those whose link is still in the text. */
export function cardsOf(message: Message) {
  const cards = message.preview?.cards ?? [];
  return message.editedAt === null ? cards : cards.filter(({ url }) => message.text.includes(url));
}
