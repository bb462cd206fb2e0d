import type { UserRef } from '@/lib/api/schemas';
import type { Audience } from '@/lib/chat/audience';
import type { EmojiName } from '@/lib/emoji';
import { fold } from '@/lib/text';

/** What is being typed: a mention or an emoji's name, from `start` up to the caret. */
export interface Token {
  readonly kind: '@' | ':';
  readonly start: number;
  readonly query: string;
}

export interface Suggestion {
  readonly key: string;
  /** What takes the place of the token. */
  readonly insert: string;
  readonly label: string;
  readonly detail: string;
  readonly user: UserRef | null;
}

const most = 8;
const token = /(?:^|[\s(])([@:])([\p{L}\p{N}_.+-]*)$/u;

export function tokenAt(text: string, caret: number): Token | null {
  const found = token.exec(text.slice(0, caret));
  const kind = found?.[1];
  const query = found?.[2] ?? '';
  // ":)" and "10:3" are no names.
  if ((kind !== '@' && kind !== ':') || (kind === ':' && query.length < 2)) return null;
  return { kind, start: caret - query.length - 1, query };
}

export function suggestPeople(users: readonly UserRef[], query: string, me: string): readonly Suggestion[] {
  const wanted = fold(query);
  const begins = (text: string) => fold(text).split(/[\s._-]+/u).some((word) => word.startsWith(wanted)) || fold(text).startsWith(wanted);
  return users
    .filter(({ id, username, displayName }) => id !== me && (begins(username) || begins(displayName)))
    .sort((a, b) => a.displayName.localeCompare(b.displayName))
    .slice(0, most)
    .map((user) => ({ key: user.id, insert: `@${user.username} `, label: user.displayName, detail: `@${user.username}`, user }));
}

export interface AudienceName {
  readonly audience: Audience;
  /** Whom it mentions. */
  readonly detail: string;
}

export function suggestAudiences(names: readonly AudienceName[], query: string): readonly Suggestion[] {
  const wanted = fold(query);
  return names
    .filter(({ audience }) => audience.startsWith(wanted))
    .map(({ audience, detail }) => ({ key: audience, insert: `@${audience} `, label: `@${audience}`, detail, user: null }));
}

export function suggestEmoji(names: readonly EmojiName[], query: string): readonly Suggestion[] {
  const wanted = fold(query).replaceAll('_', ' ');
  const rank = ({ label, tags }: EmojiName) => {
    const name = fold(label);
    if (name.startsWith(wanted)) return 0;
    if (name.split(/[\s-]+/u).some((word) => word.startsWith(wanted))) return 1;
    return tags.some((tag) => fold(tag).startsWith(wanted)) ? 2 : 3;
  };
  return names
    .map((name) => ({ name, at: rank(name) }))
    .filter(({ at }) => at < 3)
    .sort((a, b) => a.at - b.at)
    .slice(0, most)
    .map(({ name: { emoji, label } }) => ({ key: emoji, insert: `${emoji} `, label: emoji, detail: label, user: null }));
}
