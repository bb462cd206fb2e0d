import { describe, expect, it, vi } from 'vitest';
import type { ChatApi } from '@/lib/api/chat-api';
import type { MessagePage } from '@/lib/api/schemas';
import type { SocketClient } from '@/lib/socket/socket-client';
import { message } from '@/test/build';
import { Timelines } from './timelines';

/** A room of which only every tenth event is a message, as one with many reactions; pages come when they are let through. */
function create() {
  const waiting: (() => void)[] = [];
  const headN = 500;
  const page = (from: number, to: number): MessagePage => ({
    items: Array.from({ length: to - from + 1 }, (_, i) => message((from + i) * 10, from + i)), head: { seq: headN * 10, n: headN },
  });
  const messages = vi.fn((_: string, { before, after, around, limit = 50 }: { before?: number; after?: number; around?: number; limit?: number }) => new Promise<MessagePage>((resolve) => {
    const from = Math.max(1, before !== undefined ? before - limit : after !== undefined ? after + 1 : around !== undefined ? around - limit / 2 : headN - limit + 1);
    waiting.push(() => resolve(page(from, Math.min(headN, before !== undefined ? before - 1 : from + limit - 1))));
  }));
  const one = vi.fn((_: string, id: string) => Promise.resolve(message(Number(id.slice(4)), Number(id.slice(4)) / 10)));
  const timelines = new Timelines({ api: { messages, message: one } as unknown as ChatApi, socket: { live: false } as unknown as SocketClient, onApplied: vi.fn() });
  timelines.seed('r_1', headN * 10, headN);
  timelines.open('r_1');
  const window = () => {
    const { from, to } = timelines.get('r_1')!.log;
    return [from, to];
  };
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  /** Lets the oldest request that waits through, or the newest. */
  const answer = async (which: 'oldest' | 'newest' = 'oldest') => {
    (which === 'oldest' ? waiting.shift() : waiting.pop())!();
    await settled();
  };
  return { timelines, one, window, answer, settled };
}

describe('Timelines', () => {
  it('finds a message before and after the window, however many events are none', async () => {
    const { timelines, window, answer, settled } = create();
    await answer();
    expect(window()).toEqual([451, 500]);
    const back = timelines.loadMessage('r_1', 'r_1.1000');
    await settled();
    await answer();
    expect(await back).toEqual({ where: 'here' });
    expect(window()).toEqual([50, 149]);
    const forth = timelines.loadMessage('r_1', 'r_1.4000');
    await settled();
    await answer();
    expect(await forth).toEqual({ where: 'here' });
    expect(window()).toEqual([350, 449]);
  });

  it('leaves the window where a jump has brought it when pages arrive that were asked for before', async () => {
    const { timelines, window, answer, settled } = create();
    await answer();
    void timelines.loadOlder('r_1');
    const jump = timelines.loadMessage('r_1', 'r_1.1000');
    await settled();
    await answer('newest');
    await answer();
    expect(await jump).toEqual({ where: 'here' });
    expect(window()).toEqual([50, 149]);
    expect(timelines.get('r_1')!.loadingOlder).toBe(false);

    void timelines.loadNewer('r_1');
    const again = timelines.loadMessage('r_1', 'r_1.3000');
    await settled();
    await answer('newest');
    await answer();
    await again;
    expect(window()).toEqual([250, 349]);
  });

  it('goes where the user wanted to go last, whichever answer is the last', async () => {
    const { timelines, window, answer, settled } = create();
    await answer();
    const jump = timelines.loadMessage('r_1', 'r_1.1000');
    await settled();
    await answer();
    await jump;
    const overtaken = timelines.loadMessage('r_1', 'r_1.2000');
    await settled();
    const latest = timelines.loadLatest('r_1');
    await answer('newest');
    await answer();
    await latest;
    expect(await overtaken).toEqual({ where: 'overtaken' });
    expect(window()).toEqual([451, 500]);
    expect(timelines.get('r_1')!.status).toBe('ready');
  });

  it('says in which thread a reply stands, and why a message cannot be shown', async () => {
    const { timelines, one, answer, window } = create();
    await answer();
    one.mockResolvedValueOnce(message(70, 7, { thread: 'r_1.10' }));
    expect(await timelines.loadMessage('r_1', 'r_1.70')).toEqual({ where: 'thread', thread: 'r_1.10' });
    const error = new Error('gone');
    one.mockRejectedValueOnce(error);
    expect(await timelines.loadMessage('r_1', 'r_1.80')).toEqual({ where: 'nowhere', error });
    expect(window()).toEqual([451, 500]);
  });
});
