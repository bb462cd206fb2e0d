import { useEffect, useState } from 'react';
import { errorCode } from '@/lib/api/http';

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

interface Pages<T> {
  /** Null until the first page is there. */
  readonly items: readonly T[] | null;
  /** Loads the next page; null where there is none. */
  readonly more: (() => void) | null;
  readonly error: string | null;
  readonly remove: (item: T) => void;
}

/** A list that comes in pages. `key` says of what: another one begins anew. */
export function usePages<T>(load: (cursor?: string) => Promise<Page<T>>, key: string): Pages<T> {
  const [pages, setPages] = useState<Page<T> | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    load().then((page) => current && setPages(page), (failure: unknown) => current && setError(errorCode(failure)));
    return () => {
      current = false;
    };
    // The caller's function is another one each time.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  const cursor = pages?.nextCursor ?? null;
  const more = cursor === null ? null : () => {
    load(cursor).then(
      (page) => setPages((known) => ({ items: [...(known?.items ?? []), ...page.items], nextCursor: page.nextCursor })),
      (failure: unknown) => setError(errorCode(failure)),
    );
  };
  const remove = (item: T) => setPages((known) => known && { ...known, items: known.items.filter((one) => one !== item) });
  return { items: pages?.items ?? null, more, error, remove };
}
