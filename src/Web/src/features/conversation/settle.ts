import type { Virtualizer } from '@tanstack/react-virtual';

/** Rows are measured as they come into view, and move what is below them: two frames without a move, or this many in all. */
const maxFrames = 40;
const stillFrames = 2;

interface Settling {
  readonly scroller: HTMLElement;
  readonly virtualizer: Pick<Virtualizer<HTMLDivElement, Element>, 'cancelScroll' | 'scrollToIndex'>;
  /** Where the row is in the list by now: pages that arrive above it move it. Below zero: it is gone. */
  readonly index: () => number;
  /** How far below the upper edge of the view the row is to stand. */
  readonly top: (viewHeight: number, rowHeight: number) => number;
  readonly onEnd: () => void;
}

/**
 * Brings a row to its place and looks in each frame whether it is still there, whatever else moves the list meanwhile: rows that are measured,
 * pages that arrive, messages whose end the list would follow since the browser has not told yet that it has left its end.
 * @returns Ends it, without `onEnd`.
 */
export function settle({ scroller, virtualizer, index, top, onEnd }: Settling): () => void {
  let frames = 0;
  let still = 0;
  let request = 0;
  const step = () => {
    const at = index();
    const row = scroller.querySelector(`[data-index="${at}"]`);
    if (row) {
      // What the list began on its own, such as following its end, would be resumed in each frame.
      virtualizer.cancelScroll();
      const before = scroller.scrollTop;
      const box = row.getBoundingClientRect();
      scroller.scrollTop += box.top - scroller.getBoundingClientRect().top - top(scroller.clientHeight, box.height);
      still = Math.abs(scroller.scrollTop - before) < 1 ? still + 1 : 0;
    } else if (at >= 0) {
      still = 0;
      virtualizer.scrollToIndex(at, { align: 'center' });
    }
    if (at < 0 || still >= stillFrames || ++frames >= maxFrames) onEnd();
    else request = requestAnimationFrame(step);
  };
  request = requestAnimationFrame(step);
  return () => cancelAnimationFrame(request);
}
