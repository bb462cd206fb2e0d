import { use, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { RowTab } from './row-tab';

/** For a part of a message that may be wider than it: where it is, the keyboard must reach it to scroll, else it is no stop of its own. */
export function useScrollerTab<T extends HTMLElement>(): { readonly ref: RefObject<T | null>; readonly tabIndex: number } {
  const tab = use(RowTab);
  const ref = useRef<T>(null);
  const [scrolls, setScrolls] = useState(false);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(() => setScrolls(element.scrollWidth > element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, tabIndex: scrolls ? 0 : tab };
}
