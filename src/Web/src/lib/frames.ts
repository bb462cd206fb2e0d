import { runIsolated } from './store';

/** A page in the background makes no frames, but its title still counts. */
const withoutFrameMs = 250;

const waiting = new Set<() => void>();
let frame = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Runs `listener` in the next frame, once, however often it is asked for until then. All that wait run together, so React renders once. */
export function inNextFrame(listener: () => void): void {
  waiting.add(listener);
  if (timer !== undefined) return;
  timer = setTimeout(flush, withoutFrameMs);
  frame = requestAnimationFrame(flush);
}

export const dropFromFrame = (listener: () => void): void => void waiting.delete(listener);

function flush(): void {
  clearTimeout(timer);
  cancelAnimationFrame(frame);
  timer = undefined;
  const due = [...waiting];
  waiting.clear();
  for (const listener of due) runIsolated(listener);
}
