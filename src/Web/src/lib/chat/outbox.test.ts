import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError } from '@/lib/socket/socket-client';
import type { SendReply } from '@/lib/socket/frames';
import { cidLifetimeMs, maxAttempts, Outbox, type OutboxItem } from './outbox';
import { memoryOutboxDb, openOutboxDb, type OutboxDb } from './outbox-db';

let cids = 0;
const reply = (seq: number): SendReply => ({ seq, n: seq, id: `r_1.${seq}`, ts: '2026-01-01T00:00:00.000Z', dup: false });
const refusal = (code: string, retryable: boolean, after: number | null = null) => new RequestError(code, retryable, after);

function create(send: (item: OutboxItem) => Promise<SendReply>, { db = memoryOutboxDb(), online = { now: true } }: { db?: OutboxDb; online?: { now: boolean } } = {}) {
  const onSent = vi.fn();
  const outbox = new Outbox({ user: 'u_1', db, now: () => Date.now(), newCid: () => `cid-${++cids}`, canSend: () => online.now, send, onSent, random: () => 0.5 });
  return { outbox, onSent, db, online };
}

describe('Outbox', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('shows a message at once as pending, before anything has been sent', () => {
    const { outbox } = create(() => new Promise(() => undefined));
    outbox.add('r_1', 'hi', null);
    expect(outbox.items.get()).toMatchObject([{ text: 'hi', state: 'pending' }]);
  });

  it('keeps the cid over every retry', async () => {
    const sent: string[] = [];
    const { outbox, onSent } = create((item) => {
      sent.push(item.cid);
      return sent.length < 4 ? Promise.reject(refusal('unavailable', true)) : Promise.resolve(reply(1));
    });
    const { cid } = outbox.add('r_1', 'hi', null);
    await vi.runAllTimersAsync();
    expect(sent).toEqual([cid, cid, cid, cid]);
    expect(onSent).toHaveBeenCalledTimes(1);
  });

  it('waits as long as the server asks', async () => {
    const send = vi.fn<(item: OutboxItem) => Promise<SendReply>>().mockRejectedValueOnce(refusal('rate_limited', true, 3_000)).mockResolvedValue(reply(1));
    const { outbox } = create(send);
    outbox.add('r_1', 'hi', null);
    await vi.advanceTimersByTimeAsync(2_999);
    expect(send).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(send).toHaveBeenCalledTimes(2);
  });

  it('sends the messages of a room in their order, each after the answer to the one before', async () => {
    const sent: string[] = [];
    const { outbox } = create(async (item) => {
      sent.push(item.text);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return reply(sent.length);
    });
    for (const text of ['a', 'b', 'c']) outbox.add('r_1', text, null);
    await vi.advanceTimersByTimeAsync(50);
    expect(sent).toEqual(['a']);
    await vi.runAllTimersAsync();
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  it('fails with the reason, and retries with the same cid when asked', async () => {
    const send = vi.fn<(item: OutboxItem) => Promise<SendReply>>().mockRejectedValueOnce(refusal('forbidden', false)).mockResolvedValue(reply(1));
    const { outbox } = create(send);
    const { cid } = outbox.add('r_1', 'hi', null);
    await vi.runAllTimersAsync();
    expect(outbox.items.get()).toMatchObject([{ state: 'failed', error: 'forbidden' }]);
    outbox.retry(cid);
    await vi.runAllTimersAsync();
    expect(send.mock.calls.map(([item]) => item.cid)).toEqual([cid, cid]);
  });

  it('asks the user in the end', async () => {
    const send = vi.fn(() => Promise.reject(refusal('busy', true)));
    const { outbox } = create(send);
    outbox.add('r_1', 'hi', null);
    await vi.runAllTimersAsync();
    expect(send).toHaveBeenCalledTimes(maxAttempts);
    expect(outbox.items.get()).toMatchObject([{ state: 'failed', error: 'busy' }]);
  });

  it('waits for the connection, and never fails for its absence', async () => {
    const send = vi.fn(() => Promise.resolve(reply(1)));
    const { outbox, online } = create(send, { online: { now: false } });
    outbox.add('r_1', 'hi', null);
    await vi.runAllTimersAsync();
    expect(send).not.toHaveBeenCalled();
    online.now = true;
    outbox.flush();
    await vi.runAllTimersAsync();
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('removes what the log holds, whichever of reply and event comes first', async () => {
    let resolve: (value: SendReply) => void = () => undefined;
    const { outbox, onSent } = create(() => new Promise((done) => (resolve = done)));
    const { cid } = outbox.add('r_1', 'hi', null);
    outbox.confirm(new Set([cid]));
    expect(outbox.items.get()).toEqual([]);
    resolve(reply(7));
    await vi.runAllTimersAsync();
    expect(outbox.items.get()).toEqual([]);
    expect(onSent).not.toHaveBeenCalled();

    outbox.add('r_1', 'again', null);
    resolve(reply(8));
    await vi.runAllTimersAsync();
    expect(outbox.items.get()).toMatchObject([{ state: 'sent', seq: 8 }]);
    outbox.reached('r_1', 8);
    expect(outbox.items.get()).toEqual([]);
  });

  it('does not send what the server would refuse as too old, and sends it as a new message only when asked', async () => {
    const send = vi.fn<(item: OutboxItem) => Promise<SendReply>>(() => Promise.resolve(reply(1)));
    const { outbox, online } = create(send, { online: { now: false } });
    const { cid } = outbox.add('r_1', 'hi', null);
    vi.setSystemTime(Date.now() + cidLifetimeMs + 1);
    online.now = true;
    outbox.flush();
    await vi.runAllTimersAsync();
    expect(send).not.toHaveBeenCalled();
    expect(outbox.items.get()).toMatchObject([{ state: 'failed', error: 'expired' }]);
    outbox.retry(cid);
    await vi.runAllTimersAsync();
    expect(send.mock.calls[0]![0].cid).not.toBe(cid);
  });
});

describe('The outbox in IndexedDB', () => {
  it('carries the ids of files over a reload, so that a retry is the same message', async () => {
    const db = openOutboxDb('outbox-files');
    const files = [{ id: 'f_1', name: 'a.png', type: 'image/png', size: 3, width: 2, height: 1, placeholder: null, thumbnails: [] }];
    const before = create(() => Promise.reject(refusal('unavailable', true)), { db });
    const { cid } = before.outbox.add('r_1', '', null, files);
    await vi.waitFor(async () => expect(await db.load('u_1')).toHaveLength(1));
    before.outbox.stop();

    const send = vi.fn<(item: OutboxItem) => Promise<SendReply>>(() => Promise.resolve(reply(1)));
    const after = create(send, { db });
    await after.outbox.load();
    await vi.waitFor(() => expect(send).toHaveBeenCalledTimes(1));
    expect(send.mock.calls[0]![0]).toMatchObject({ cid, text: '', files });
    after.outbox.reached('r_1', 1);
  });

  it('reads what an earlier version of the page has stored', async () => {
    const db = memoryOutboxDb();
    const old = { cid: 'old', user: 'u_1', room: 'r_1', text: 'hi', replyTo: null, createdAt: Date.now(), state: 'sent', seq: 3, error: null };
    await db.put(old as unknown as OutboxItem);
    const send = vi.fn<(item: OutboxItem) => Promise<SendReply>>(() => Promise.resolve(reply(3)));
    await create(send, { db }).outbox.load();
    expect(send.mock.calls[0]![0]).toMatchObject({ cid: 'old', files: [] });
  });

  it('survives a reload with its cids, and is its user’s alone', async () => {
    const db = openOutboxDb('outbox-test');
    const before = create(() => new Promise(() => undefined), { db, online: { now: false } });
    const { cid } = before.outbox.add('r_1', 'hi', null);
    await vi.waitFor(async () => expect(await db.load('u_1')).toHaveLength(1));
    before.outbox.stop();

    const send = vi.fn<(item: OutboxItem) => Promise<SendReply>>(() => Promise.resolve(reply(1)));
    const after = create(send, { db });
    await after.outbox.load();
    await vi.waitFor(() => expect(send).toHaveBeenCalledTimes(1));
    expect(send.mock.calls[0]![0].cid).toBe(cid);
    expect(await db.load('u_2')).toEqual([]);
    after.outbox.reached('r_1', 1);
    await vi.waitFor(async () => expect(await db.load('u_1')).toEqual([]));
  });
});
