import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createdFrame } from '@/test/build';
import { FakeSocket } from '@/test/fake-socket';
import { replies } from './frames';
import { SocketClient, type RefreshOutcome, type Resume } from './socket-client';

function create({ random = 0.5, resume = null as Resume | null, outcomes = ['ok'] as RefreshOutcome[] } = {}) {
  const sockets: FakeSocket[] = [];
  const heard: string[] = [];
  const report = vi.fn();
  const refresh = vi.fn(() => Promise.resolve(outcomes.shift() ?? 'ok'));
  const client = new SocketClient({
    device: 'd_1', client: 'test', refresh, report,
    random: () => random,
    resume: () => resume,
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    onHello: () => heard.push('hello'),
    onEvent: (event) => heard.push(event.ev),
    onDurable: (room, event) => heard.push(`${room}:${event.seq}`),
  });
  client.start();
  return { client, sockets, heard, report, refresh, phase: () => client.state.get().phase, socket: () => sockets.at(-1)! };
}

describe('SocketClient', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('goes from connecting over catching up to live', () => {
    const { phase, socket, heard } = create();
    expect(phase()).toBe('connecting');
    socket().hello();
    expect(phase()).toBe('syncing');
    socket().say({ ev: 'sync.done' });
    expect(phase()).toBe('live');
    expect(heard).toEqual(['hello', 'sync.done']);
  });

  it('resumes from what has been applied, and hands on what was missed in order', () => {
    const resume = { epoch: 'e_1', user: 5, rooms: { r_1: 41 } };
    const { socket, heard } = create({ resume });
    socket().hello();
    expect(socket().last('hello').d).toEqual({ device: 'd_1', client: 'test', resume });
    socket().say({ ev: 'room.sync', room: 'r_1', d: { from: 41, to: 41, head: 41, events: [], complete: true } });
    socket().say({ ev: 'sync.done' });
    socket().say(createdFrame(42, 40));
    expect(heard).toEqual(['hello', 'room.sync', 'sync.done', 'r_1:42']);
  });

  it('backs off with full jitter from 0.5 s to 20 s', async () => {
    const { client, sockets, socket } = create({ random: 1 });
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      socket().end(1006);
      const state = client.state.get();
      if (state.phase !== 'waiting') throw new Error(state.phase);
      waits.push(state.retryAt - Date.now());
      await vi.advanceTimersByTimeAsync(waits.at(-1)!);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000]);
    expect(sockets).toHaveLength(9);
    const quick = create({ random: 0 });
    quick.socket().end(1006);
    const state = quick.client.state.get();
    expect(state.phase === 'waiting' && state.retryAt - Date.now()).toBe(500);
  });

  it('retries at once when asked', () => {
    const { client, sockets, socket, phase } = create();
    socket().end(1006);
    expect(phase()).toBe('waiting');
    client.retryNow();
    expect(phase()).toBe('connecting');
    expect(sockets).toHaveLength(2);
  });

  it.each([1001, 1012, 4000, 4408, 4409, 1006])('reconnects after %i', (code) => {
    const { socket, phase } = create();
    socket().live();
    socket().end(code);
    expect(phase()).toBe('waiting');
  });

  it.each([[4501, 'ended'], [4500, 'unsupported'], [4999, 'unsupported']] as const)('stops after %i', async (code, reason) => {
    const { client, sockets, socket } = create();
    socket().live();
    socket().end(code);
    expect(client.state.get()).toEqual({ phase: 'stopped', reason });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
  });

  it('renews the session after 4401, then reconnects at once', async () => {
    const { sockets, socket, refresh, phase } = create();
    socket().live();
    socket().end(4401);
    await vi.advanceTimersByTimeAsync(0);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(sockets).toHaveLength(2);
    socket().live();
    expect(phase()).toBe('live');
  });

  it('renews the session when hello is refused, and stops where it cannot be renewed', async () => {
    const { client, socket } = create({ outcomes: ['denied'] });
    socket().open();
    socket().refuse('hello', 'unauthenticated');
    await vi.advanceTimersByTimeAsync(0);
    expect(client.state.get()).toEqual({ phase: 'stopped', reason: 'unauthenticated' });
  });

  it('does not renew in a circle', async () => {
    const { socket, phase } = create();
    socket().end(4401);
    await vi.advanceTimersByTimeAsync(0);
    socket().end(4401);
    await vi.advanceTimersByTimeAsync(0);
    expect(phase()).toBe('waiting');
  });

  it('stays on a draining server until its own random moment', async () => {
    const { sockets, socket, phase } = create({ random: 0.5 });
    socket().live();
    socket().say({ ev: 'server.draining', d: { reconnectMs: [500, 8_500] } });
    await vi.advanceTimersByTimeAsync(4_499);
    expect(phase()).toBe('live');
    await vi.advanceTimersByTimeAsync(1);
    expect(phase()).toBe('connecting');
    expect(sockets).toHaveLength(2);
  });

  it('moves at once when the draining server closes first', () => {
    const { client, socket } = create({ random: 0.5 });
    socket().live();
    socket().say({ ev: 'server.draining', d: { reconnectMs: [500, 8_500] } });
    socket().end(1012);
    const state = client.state.get();
    expect(state.phase === 'waiting' && state.retryAt - Date.now()).toBe(250);
  });

  it('pings, the first time at a random moment of the interval', async () => {
    const { socket } = create({ random: 0.4 });
    socket().live();
    const pings = () => socket().sent.filter(({ op }) => op === 'ping').length;
    await vi.advanceTimersByTimeAsync(9_999);
    expect(pings()).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(pings()).toBe(1);
    socket().say({ ev: 'pong' });
    await vi.advanceTimersByTimeAsync(25_000);
    expect(pings()).toBe(2);
  });

  it('takes a silent connection for dead a heartbeat and 10 s after its ping', async () => {
    const { socket, phase, sockets } = create({ random: 0 });
    socket().live();
    await vi.advanceTimersByTimeAsync(1); // the ping
    await vi.advanceTimersByTimeAsync(34_990);
    expect(phase()).toBe('live');
    await vi.advanceTimersByTimeAsync(20);
    expect(phase()).toBe('waiting');
    expect(sockets[0]!.closed).toBe(4409);
  });

  it('lives as long as anything is said', async () => {
    const { socket, phase } = create({ random: 0 });
    socket().live();
    for (let i = 0; i < 20; i++) {
      await vi.advanceTimersByTimeAsync(15_000);
      socket().say({ ev: 'pong' });
    }
    expect(phase()).toBe('live');
  });

  it('gives up a handshake that gets no answer', async () => {
    const { socket, phase } = create();
    socket().open();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(phase()).toBe('waiting');
  });

  it('fails what is unanswered when the connection goes, and what the server leaves unanswered', async () => {
    const { client, socket } = create();
    socket().live();
    const lost = client.request(replies.read, 'read.set', 'r_1', { n: 1 });
    const lostResult = expect(lost).rejects.toMatchObject({ code: 'disconnected', retryable: true });
    socket().end(1006);
    await lostResult;
    client.retryNow();
    socket().live();
    const silent = client.request(replies.read, 'read.set', 'r_1', { n: 1 });
    const silentResult = expect(silent).rejects.toMatchObject({ code: 'timeout', retryable: true });
    await vi.advanceTimersByTimeAsync(10_000);
    await silentResult;
  });

  it('reports malformed frames and ignores unknown events', () => {
    const { socket, heard, report, phase } = create();
    socket().live();
    socket().say('{nonsense');
    socket().say({ ev: 'typing', room: 'r_1', d: 'wrong' });
    socket().say({ ev: 'message.created', room: 'r_1', seq: 3, d: {} });
    socket().say({ ev: 'something.new', d: {} });
    expect(report).toHaveBeenCalledTimes(3);
    expect(heard).toEqual(['hello', 'sync.done']);
    expect(phase()).toBe('live');
  });

  it('counts an event of the user stream of a later version', () => {
    const { socket, heard, report } = create();
    socket().live();
    socket().say({ ev: 'something.new', useq: 7, d: {} });
    socket().say({ ev: 'user.unknown', useq: 8, d: {} });
    expect(heard.slice(-2)).toEqual(['user.unknown', 'user.unknown']);
    expect(report).not.toHaveBeenCalled();
  });

  it('counts a durable event of a later version', () => {
    const { socket, heard } = create();
    socket().live();
    socket().say({ ev: 'message.painted', room: 'r_1', seq: 9, d: {} });
    expect(heard).toContain('r_1:9');
  });
});
