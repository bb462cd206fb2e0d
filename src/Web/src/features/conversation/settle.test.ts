import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle } from './settle';

const view = 300;
const rowPx = 30;

/** A list of rows of one height, of which only those near the view are in the page. */
function create(count: number) {
  let top = 0;
  const list = { count };
  const max = () => list.count * rowPx - view;
  const isRendered = (index: number) => index >= 0 && index < list.count && index * rowPx > top - 2 * view && index * rowPx < top + 3 * view;
  const scroller = {
    clientHeight: view,
    get scrollTop() {
      return top;
    },
    set scrollTop(to: number) {
      top = Math.max(0, Math.min(max(), to));
    },
    getBoundingClientRect: () => ({ top: 100, height: view }),
    querySelector(selector: string) {
      const index = Number(/"(-?\d+)"/.exec(selector)?.[1]);
      return isRendered(index) ? { getBoundingClientRect: () => ({ top: 100 + index * rowPx - top, height: rowPx }) } : null;
    },
  };
  /** What the list does on its own in each frame, until it is cancelled. */
  let own: (() => void) | null = null;
  const virtualizer = {
    scrollToIndex: (index: number) => (scroller.scrollTop = index * rowPx),
    cancelScroll: () => {
      own = null;
    },
  };
  const onEnd = vi.fn();
  const toEnd = () => (scroller.scrollTop = Infinity);
  const start = (index: () => number) => settle({
    scroller: scroller as unknown as HTMLElement, virtualizer, index, top: (height, row) => (height - row) / 2, onEnd,
  });
  const frames = (many: number) => {
    for (let i = 0; i < many; i++) {
      vi.advanceTimersToNextFrame();
      own?.();
    }
  };
  const follow = () => {
    own = () => {
      list.count++;
      toEnd();
    };
  };
  /** Of the row, below the upper edge of the view. */
  const place = (index: number) => index * rowPx - top;
  toEnd();
  return { list, start, frames, place, toEnd, follow, onEnd };
}

const middle = (view - rowPx) / 2;

describe('settle', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['requestAnimationFrame', 'cancelAnimationFrame'] }));
  afterEach(() => void vi.useRealTimers());

  it('brings a row to its place from afar, and ends when it stands still', () => {
    const { start, frames, place, onEnd } = create(400);
    start(() => 50);
    frames(6);
    expect(place(50)).toBe(middle);
    expect(onEnd).toHaveBeenCalledOnce();
  });

  it('keeps at it where the list follows its end meanwhile', () => {
    const { list, start, frames, place, toEnd } = create(42);
    start(() => 20);
    frames(1);
    // A message arrives before the browser has told the list that it has left its end.
    list.count++;
    toEnd();
    frames(6);
    expect(place(20)).toBe(middle);
  });

  it('ends what the list had begun, which would take it to its end in each frame', () => {
    const { start, frames, place, follow } = create(42);
    follow();
    start(() => 20);
    frames(6);
    expect(place(20)).toBe(middle);
  });

  it('follows the row where a page arrives above it', () => {
    const { list, start, frames, place } = create(100);
    let index = 40;
    start(() => index);
    frames(1);
    list.count += 100;
    index += 100;
    frames(6);
    expect(place(140)).toBe(middle);
  });

  it('ends where the row is gone, after a while in any case, and when it is told to', () => {
    const gone = create(10);
    gone.start(() => -1);
    gone.frames(1);
    expect(gone.onEnd).toHaveBeenCalledOnce();

    const restless = create(400);
    restless.start(() => 50);
    for (let i = 0; i < 60; i++) {
      restless.toEnd();
      restless.frames(1);
    }
    expect(restless.onEnd).toHaveBeenCalledOnce();

    const stopped = create(400);
    stopped.start(() => 50)();
    stopped.frames(3);
    expect(stopped.place(399)).toBe(view - rowPx);
    expect(stopped.onEnd).not.toHaveBeenCalled();
  });
});
