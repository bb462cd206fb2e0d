import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyOf, Undo, undoMs, type Deed } from './undo';

const deed: Deed = { kind: 'delete', room: 'r_1', id: 'r_1.5' };
const key = keyOf(deed);

function create() {
  const carryOut = vi.fn<(deed: Deed, leaving: boolean) => Promise<void>>(() => Promise.resolve());
  const onRefused = vi.fn();
  const undo = new Undo({ user: 'u_1', carryOut, onRefused });
  undo.start();
  return { undo, carryOut, onRefused };
}

describe('Undo', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
  });
  afterEach(() => vi.useRealTimers());

  it('does what was not taken back, once', async () => {
    const { undo, carryOut } = create();
    undo.add(deed);
    undo.add(deed);
    expect(undo.has('delete', 'r_1.5')).toBe(true);
    await vi.advanceTimersByTimeAsync(undoMs - 1);
    expect(carryOut).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(carryOut.mock.calls).toEqual([[deed, false]]);
    expect(undo.has('delete', 'r_1.5')).toBe(false);
    expect(undo.undo(key)).toBe(false);
  });

  it('sends nothing of what is taken back, and takes back the last first', async () => {
    const { undo, carryOut } = create();
    undo.add(deed);
    undo.add({ ...deed, id: 'r_1.6' });
    expect(undo.undoLast()).toBe(true);
    expect([...undo.all.get().keys()]).toEqual([key]);
    expect(undo.undo(key)).toBe(true);
    expect(undo.undoLast()).toBe(false);
    await vi.advanceTimersByTimeAsync(2 * undoMs);
    expect(carryOut).not.toHaveBeenCalled();
  });

  it('waits while it is held', async () => {
    const { undo, carryOut } = create();
    undo.add(deed);
    undo.hold(key, true);
    await vi.advanceTimersByTimeAsync(10 * undoMs);
    expect(carryOut).not.toHaveBeenCalled();
    undo.hold(key, false);
    await vi.advanceTimersByTimeAsync(undoMs);
    expect(carryOut).toHaveBeenCalledTimes(1);
  });

  it('loses nothing when the page goes away, and does it once more where that was not heard', async () => {
    const first = create();
    first.undo.add(deed);
    dispatchEvent(new Event('pagehide'));
    expect(first.carryOut.mock.calls).toEqual([[deed, true]]);
    vi.clearAllTimers();

    const second = create();
    expect(second.undo.has('delete', 'r_1.5')).toBe(true);
    await vi.advanceTimersByTimeAsync(undoMs);
    expect(second.carryOut.mock.calls).toEqual([[deed, false]]);
    expect(localStorage.length).toBe(0);
  });

  it('does not leave a room again that an earlier page has left long ago', () => {
    localStorage.setItem('akkachat.undo.u_1', JSON.stringify([
      { kind: 'leave', room: 'r_1', id: 'r_1', at: Date.now() - 3_600_000 }, { ...deed, at: Date.now() - 3_600_000 }, { kind: 'nonsense' },
    ]));
    const { undo } = create();
    expect([...undo.all.get().keys()]).toEqual([key]);
  });

  it('leaves alone what another tab has taken back', async () => {
    const { undo, carryOut } = create();
    undo.add(deed);
    localStorage.clear();
    await vi.advanceTimersByTimeAsync(undoMs);
    expect(carryOut).not.toHaveBeenCalled();
    expect(undo.has('delete', 'r_1.5')).toBe(false);
  });

  it('repeats what did not arrive, and shows what is refused as it was', async () => {
    const { undo, carryOut, onRefused } = create();
    carryOut.mockRejectedValueOnce({ code: 'offline' }).mockRejectedValueOnce({ code: 'forbidden' });
    undo.add(deed);
    await vi.advanceTimersByTimeAsync(undoMs);
    expect(undo.has('delete', 'r_1.5')).toBe(true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(undo.has('delete', 'r_1.5')).toBe(false);
    expect(onRefused).toHaveBeenCalledWith(deed, 'forbidden');
  });
});
