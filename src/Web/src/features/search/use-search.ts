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

export function useSearch(preset: string) {
  const { session, me } = useChat();
  const remembered = useStore(memory, (value) => (value.user === me.id ? value : nothing));
  const [text, setTextState] = useState(preset === '' ? remembered.text : preset);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const asked = useRef(0);
  const query = text.trim();
  const results = remembered.results?.query === query ? remembered.results : null;

  const remember = useCallback(
    (change: Partial<Memory>) => memory.update((value) => ({ ...(value.user === me.id ? value : nothing), ...change, user: me.id })),
    [me.id],
  );

  const ask = useCallback(async (wanted: string, before: Results | null) => {
    const turn = ++asked.current;
    setBusy(true);
    setError(null);
    try {
      const page = await session.api.search(wanted, before?.next ?? undefined);
      if (turn !== asked.current) return;
      const hits = before ? [...before.hits, ...page.items.filter(({ message }) => !before.hits.some((hit) => hit.message.id === message.id))] : page.items;
      const barren = page.items.length > 0 ? 0 : (before?.barren ?? 0) + 1;
      remember({ text: wanted, results: { query: wanted, hits, next: page.nextCursor, barren } });
    } catch (failure) {
      if (turn === asked.current) setError(errorCode(failure));
    } finally {
      if (turn === asked.current) setBusy(false);
    }
  }, [session, remember]);

  // Also once when it is opened again: what was found may be gone, and more may be there.
  useEffect(() => {
    if (query === '') return;
    const timer = setTimeout(() => void ask(query, null), typingPauseMs);
    return () => clearTimeout(timer);
  }, [query, ask]);

  const setText = useCallback((next: string) => {
    asked.current++;
    setBusy(false);
    setError(null);
    setTextState(next);
    remember({ text: next });
  }, [remember]);

  return {
    text,
    setText,
    query,
    results,
    error,
    busy,
    opened: remembered.opened,
    setOpened: useCallback((opened: string) => remember({ opened }), [remember]),
    retry: useCallback(() => void ask(query, results), [ask, query, results]),
    more: useCallback(() => {
      if (results?.next && !busy) void ask(query, results);
    }, [ask, query, results, busy]),
  };
}
