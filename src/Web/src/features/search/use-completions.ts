import { useEffect, useMemo, useState } from 'react';
import type { Person } from '@/lib/api/schemas';
import { useT } from '@/lib/i18n/use-t';
import { matchRank } from '@/lib/match';
import { useChat } from '@/lib/session/session-context';
import { useStore } from '@/lib/use-store';
import { filters, filterWord, isoDay, type Word } from './words';

export interface Completion {
  readonly key: string;
  /** What it writes in the place of the word. */
  readonly text: string;
  readonly label: string;
  readonly hint: string;
  /** Whether a blank follows. */
  readonly complete: boolean;
}

const shownAtOnce = 6;
const typingPauseMs = 150;
const day = 86_400_000;

/** What the word that is being typed could become: a filter by its name, or a filter's value. */
export function useCompletions(word: Word | null): readonly Completion[] {
  const t = useT();
  const { client, session } = useChat();
  const rooms = useStore(client.rooms, (value) => value);
  const [people, setPeople] = useState<readonly Person[]>([]);
  const filter = word?.filter ?? null;
  const value = word?.value ?? '';

  useEffect(() => {
    if (filter !== 'from' || value === '') return;
    let current = true;
    const timer = setTimeout(() => {
      // Without them it is still a search.
      session.api.searchPeople(value).then((page) => current && setPeople(page.items), () => undefined);
    }, typingPauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [filter, value, session]);

  return useMemo(() => {
    if (word === null) return [];
    if (filter === null) {
      const typed = word.text.toLowerCase();
      return typed.length < 2 ? [] : filters.filter((name) => name.startsWith(typed))
        .map((name) => ({ key: name, text: `${name}:`, label: `${name}:`, hint: t(`search.filter.${name}`), complete: false }));
    }
    const done = (label: string, chosen: string, hint = ''): Completion =>
      ({ key: chosen, text: filterWord(filter, chosen), label, hint, complete: true });
    const all = filter === 'from'
      ? [done(t('search.me'), 'me'), ...(value === '' ? [] : people.filter(({ username, displayName }) => matchRank(`${displayName} ${username}`, value) !== null)
        .map(({ displayName, username }) => done(displayName, username, `@${username}`)))].filter(({ label, key }) => value === '' || key !== 'me' || matchRank(label, value) !== null)
      : filter === 'in' ? [...rooms.values()]
        .flatMap(({ id, name }) => {
          const rank = matchRank(name, value);
          return rank === null ? [] : [{ id, name, rank }];
        })
        .sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name))
        .map(({ name, id }) => ({ ...done(name, name), key: id }))
      : filter === 'has' ? (['file', 'image', 'link'] as const).filter((part) => part.startsWith(value.toLowerCase()))
        .map((part) => done(t(`search.has.${part}`), part, `has:${part}`))
      : daysAgo(t).filter(({ iso }) => iso.startsWith(value)).map(({ label, iso }) => done(label, iso, iso));
    // What is there already needs no completion.
    return all.filter(({ text }) => text !== word.text).slice(0, shownAtOnce);
  }, [word, filter, value, people, rooms, t]);
}

const daysAgo = (t: ReturnType<typeof useT>) => [
  { label: t('conversation.today'), days: 0 },
  { label: t('conversation.yesterday'), days: 1 },
  { label: t('search.daysAgo', { count: 7 }), days: 7 },
  { label: t('search.daysAgo', { count: 30 }), days: 30 },
].map(({ label, days }) => ({ label, iso: isoDay(new Date(Date.now() - days * day)) }));
