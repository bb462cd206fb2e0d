import { describe, expect, it, vi } from 'vitest';
import type { ChatApi } from '@/lib/api/chat-api';
import type { SocketClient } from '@/lib/socket/socket-client';
import { message } from '@/test/build';
import { ana, bruno } from '@/test/fake-socket';
import { Threads } from './threads';

const root = 'r_1.1';
const reply = (seq: number, n: number, author = bruno) => ({ kind: 'message' as const, seq, message: message(seq, n, { thread: root, author }) });
const replies = (unread: number, readN: number, seq: number) => ({ count: 2, lastTs: null, authors: [bruno], following: true, readN, unread, seq });

function create() {
  const api = {
    thread: vi.fn(() => Promise.resolve({
      root: message(1, 1, { replies: replies(1, 2, 6) }), items: [message(5, 2, { thread: root }), message(6, 3, { thread: root })], head: { seq: 6, n: 3 },
    })),
    message: vi.fn(),
    followThread: vi.fn(() => Promise.resolve(undefined)),
  };
  const request = vi.fn((_: unknown, __: string, room: string, d: { n: number }) =>
    Promise.resolve({ room, thread: root, following: true, readN: d.n, unread: 0, mentions: 0, seq: 6 }));
  const onMentions = vi.fn();
  const threads = new Threads({ me: ana.id, api: api as unknown as ChatApi, socket: { live: true, request } as unknown as SocketClient, refresh: () => Promise.resolve(null), onMentions });
  const greet = (unread: number, seq: number) => {
    threads.onHello();
    threads.onDigest([{ room: 'r_1', thread: root, readN: 0, unread, seq }]);
    threads.onSynced();
  };
  return { threads, api, request, onMentions, greet, unread: () => threads.followed.get().get(root)?.unread };
}

describe('Threads', () => {
  it('counts replies of others from where the server’s count ends, and what came before one’s own not any more', () => {
    const { threads, greet, unread } = create();
    greet(2, 6);
    threads.apply('r_1', [reply(6, 4), reply(7, 5)]);
    expect(unread()).toBe(3);
    threads.apply('r_1', [reply(8, 6, ana)]);
    expect(unread()).toBe(0);
    threads.apply('r_1', [reply(9, 7)]);
    expect(unread()).toBe(1);
    greet(0, 9);
    threads.apply('r_1', [reply(9, 7)]);
    expect(unread()).toBe(0);
  });

  it('follows what another device does, and forgets what is not followed any more', () => {
    const { threads, greet, unread, onMentions } = create();
    greet(2, 6);
    threads.onState('r_1', { thread: root, following: true, readN: 3, unread: 0, mentions: 1, seq: 6 });
    expect(unread()).toBe(0);
    expect(onMentions).toHaveBeenLastCalledWith('r_1', 1);
    threads.onState('r_1', { thread: root, following: false, readN: 3, unread: 0, mentions: 0, seq: 7 });
    expect(unread()).toBeUndefined();
    threads.apply('r_1', [reply(8, 6)]);
    expect(unread()).toBeUndefined();
    threads.onHello();
    threads.onSynced();
    expect(threads.followed.get().size).toBe(0);
  });

  it('opens a thread at what is new, adds replies once, and reports what was on the screen', async () => {
    vi.useFakeTimers();
    const { threads, request, greet, unread } = create();
    greet(1, 6);
    await threads.load('r_1', root);
    expect(threads.open.get()).toMatchObject({ status: 'ready', readN: 2, dividerN: 2, atStart: true });
    threads.apply('r_1', [reply(7, 4), { kind: 'deleted', seq: 8, id: 'r_1.6', n: 3, by: bruno, thread: root }]);
    threads.apply('r_1', [reply(7, 4)]);
    expect(threads.open.get()?.replies.map(({ n, deleted }) => [n, deleted])).toEqual([[2, false], [3, true], [4, false]]);
    threads.markSeen(4);
    expect([threads.open.get()?.readN, unread()]).toEqual([4, 0]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(request).toHaveBeenCalledWith(expect.anything(), 'thread.read', 'r_1', { thread: root, n: 4 });
    vi.useRealTimers();
  });
});
