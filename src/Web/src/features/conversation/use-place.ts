import type { Virtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useState, type RefObject } from 'react';
import type { Row } from './rows';
import { settle } from './settle';

/** The first unread message stands this far below the upper edge: under the bar, with a little of what comes before it. */
const belowTopPx = 64;

interface Place {
  /** The list stands where the room was to open. Until then it is not shown, nothing is paged, and nothing counts as seen. */
  readonly placed: boolean;
  /** Goes to the first unread message again. */
  readonly placeAgain: () => void;
}

/**
 * Opens the list at the first unread message, or at the end where all has been read.
 * @param ready The rows are those among which the room is to open.
 */
export function usePlace(
  scroller: RefObject<HTMLDivElement | null>, virtualizer: Virtualizer<HTMLDivElement, Element>, rows: readonly Row[], ready: boolean,
): Place {
  const [state, setState] = useState<'undecided' | 'to the end' | 'to the unread' | 'there'>('undecided');
  const index = rows.findIndex((row) => row.unread);
  if (state === 'undecided' && ready && rows.length > 0) setState(index < 0 ? 'to the end' : 'to the unread');

  useLayoutEffect(() => {
    if (state === 'to the end') virtualizer.scrollToEnd();
  }, [state, virtualizer]);

  useEffect(() => {
    const element = scroller.current;
    if (state !== 'to the unread' || !element) return;
    return settle({ scroller: element, virtualizer, index: () => index, top: () => belowTopPx, onEnd: () => setState('there') });
  }, [state, index, scroller, virtualizer]);

  return { placed: state === 'to the end' || state === 'there', placeAgain: useCallback(() => setState('undecided'), []) };
}
