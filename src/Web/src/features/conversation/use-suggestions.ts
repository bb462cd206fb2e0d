import { useEffect, useMemo, useState } from 'react';
import { audiencesOf } from '@/lib/chat/audience';
import { loadEmoji, type EmojiName } from '@/lib/emoji';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { useStore } from '@/lib/use-store';
import { suggestAudiences, suggestEmoji, suggestPeople, tokenAt, type Suggestion } from './suggestions';

interface Suggestions {
  readonly items: readonly Suggestion[];
  readonly active: number;
  /** What the key does to the list: the item that it picks, or `moved`; null where it is not meant for the list. */
  readonly take: (key: string, shift: boolean) => Suggestion | 'moved' | null;
  /** The text with the item in the place of what was typed. */
  readonly complete: (item: Suggestion) => { readonly text: string; readonly caret: number };
}

/** Completes `@` to a member of the room, or to all of them, and `:` to an emoji. */
export function useSuggestions(room: string, text: string, caret: number): Suggestions {
  const t = useT();
  const { locale } = t;
  const { client, me } = useChat();
  const members = useStore(client.live.members, (all) => all.get(room)?.items);
  const token = tokenAt(text, caret);
  const at = token ? `${token.kind}${token.start}${token.query}` : null;
  const wantsEmoji = token?.kind === ':';
  const [names, setNames] = useState<readonly EmojiName[]>([]);
  const [chosen, setChosen] = useState<{ at: string | null; index: number }>({ at: null, index: 0 });
  const [closed, setClosed] = useState<string | null>(null);

  useEffect(() => {
    if (!wantsEmoji) return;
    let current = true;
    loadEmoji(locale).then((loaded) => {
      if (current) setNames(loaded);
    }, (error: unknown) => console.warn('akkachat: no names of emoji', error));
    return () => {
      current = false;
    };
  }, [wantsEmoji, locale]);

  const kind = token?.kind;
  const query = token?.query ?? '';
  const found = useMemo(() => {
    if (kind === undefined) return [];
    if (kind === ':') return suggestEmoji(names, query);
    const entry = client.rooms.get().get(room);
    const all = (entry ? audiencesOf(entry) : []).map((audience) => ({ audience, detail: t(`mention.${audience}`) }));
    return [...suggestPeople((members ?? []).map(({ user }) => user), query, me.id), ...suggestAudiences(all, query)];
  }, [kind, query, names, members, me.id, client, room, t]);
  const items = at === closed ? [] : found;
  const active = chosen.at === at ? Math.min(chosen.index, Math.max(0, items.length - 1)) : 0;

  const complete = (item: Suggestion) => {
    const before = text.slice(0, token?.start ?? caret) + item.insert;
    return { text: before + text.slice(caret).replace(/^ /, ''), caret: before.length };
  };

  const take = (key: string, shift: boolean): Suggestion | 'moved' | null => {
    const item = items[active];
    if (!item) return null;
    if ((key === 'Enter' && !shift) || key === 'Tab') return item;
    if (key === 'ArrowDown') setChosen({ at, index: (active + 1) % items.length });
    else if (key === 'ArrowUp') setChosen({ at, index: (active + items.length - 1) % items.length });
    else if (key === 'Escape') setClosed(at);
    else return null;
    return 'moved';
  };

  return { items, active, take, complete };
}
