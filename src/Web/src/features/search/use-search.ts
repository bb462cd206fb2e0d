import { useCallback, useEffect, useRef, useState } from 'react';
import { errorCode } from '@/lib/api/http';
import type { MessageHit } from '@/lib/api/schemas';
import { useChat } from '@/lib/session/session-context';
import { Store } from '@/lib/store';
import { useStore } from '@/lib/use-store';

export interface Results {
  readonly query: string;
  readonly hits: readonly MessageHit[];
  readonly next: string | null;
  /** Pages without a hit since the last one with some: the server looks at so many messages for each. */
  readonly barren: number;
}

interface Memory {
  readonly user: string;
  readonly text: string;
  readonly results: Results | null;
  /** The message that was opened last. */
  readonly opened: string | null;
}

const nothing: Memory = { user: '', text: '', results: null, opened: null };

/** The last search, while the page is open: whoever comes back from a message finds the others again. */
const memory = new Store<Memory>(nothing);

const typingPauseMs = 300;

/** Asked for again at once, when the dialog is opened again. */
const maxPages = 6;

export function useSearch(preset: string) {
  const { session, me } = useChat();
  const remembered = useStore(memory, (value) => (value.user === me.id ? value : nothing));
  const [text, setTextState] = useState(preset === '' ? remembered.text : preset);
  // Of a query: what came of another one is of no interest any more.
  const [failed, setFailed] = useState<{ query: string; code: string } | null>(null);
  const [asking, setAsking] = useState<string | null>(null);
  const turn = useRef(0);
  const query = text.trim();
  const results = remembered.results?.query === query ? remembered.results : null;

  const remember = useCallback(
    (change: Partial<Memory>) => memory.update((value) => ({ ...(value.user === me.id ? value : nothing), ...change, user: me.id })),
    [me.id],
  );

  /** Asks for what follows `before`, or from the newest on, until there are so many. */
  const ask = useCallback(async (wanted: string, before: Results | null, atLeast: number) => {
    const mine = ++turn.current;
    setAsking(wanted);
    setFailed(null);
    try {
      let all: Results = before ?? { query: wanted, hits: [], next: null, barren: 0 };
      for (let page = 0; page < maxPages && (page === 0 || (all.hits.length < atLeast && all.next !== null)); page++) {
        all = append(all, await session.api.search(wanted, all.next ?? undefined));
        if (mine !== turn.current) return;
      }
      remember({ text: wanted, results: all });
    } catch (failure) {
      if (mine === turn.current) setFailed({ query: wanted, code: errorCode(failure) });
    } finally {
      if (mine === turn.current) setAsking(null);
    }
  }, [session, remember]);

  /** What is on its way comes too late. */
  const cancel = useCallback(() => turn.current++, []);

  // Also when it is opened again: what was found may be gone, and newer ones may be there.
  useEffect(() => {
    if (query === '') return;
    const known = memory.get().results;
    const timer = setTimeout(() => void ask(query, null, known?.query === query ? known.hits.length : 0), typingPauseMs);
    return () => {
      clearTimeout(timer);
      cancel();
    };
  }, [query, ask, cancel]);

  const busy = asking === query;
  return {
    text,
    setText: useCallback((next: string) => {
      setTextState(next);
      remember({ text: next });
    }, [remember]),
    query,
    results,
    error: failed?.query === query ? failed.code : null,
    busy,
    opened: remembered.opened,
    setOpened: useCallback((opened: string) => remember({ opened }), [remember]),
    retry: useCallback(() => void ask(query, results, 0), [ask, query, results]),
    more: useCallback(() => {
      if (results?.next && !busy) void ask(query, results, 0);
    }, [ask, query, results, busy]),
  };
}

function append(before: Results, page: { items: readonly MessageHit[]; nextCursor: string | null }): Results {
  const known = new Set(before.hits.map(({ message }) => message.id));
  const news = page.items.filter(({ message }) => !known.has(message.id));
  return { query: before.query, hits: [...before.hits, ...news], next: page.nextCursor, barren: page.items.length > 0 ? 0 : before.barren + 1 };
}
