import { describe, expect, it } from 'vitest';
import { message } from '@/test/build';
import { ana, bruno } from '@/test/fake-socket';
import { withReplies } from './message-changes';
import { applyEvents, countAbove, createLog, hasNewer, hasOlder, mergePage } from './room-log';
import { withEvent, type RoomEntry } from './room-entry';

const reply = (n: number, seq: number, thread = 'r_1.1', by = bruno) => message(seq, n, { thread, author: by });
const event = (m: ReturnType<typeof message>) => ({ kind: 'message' as const, seq: m.seq, message: m });

describe('replies in threads', () => {
  it('are not in the window, and leave no gap in it', () => {
    const log = createLog(3, 3, [message(1, 1), message(2, 2), message(3, 3)]);
    const { log: after } = applyEvents(log, [event(reply(4, 4)), event(message(5, 5)), event(reply(6, 6))]);
    expect(after.window.map(({ n }) => n)).toEqual([1, 2, 3, 5]);
    expect([after.from, after.to, after.headN, hasNewer(after)]).toEqual([1, 6, 6, false]);
    expect(countAbove(after, 2)).toBe(2);
  });

  it('may stand between two pages, and at the end of the room', () => {
    const head = { seq: 20, n: 20 };
    let log = mergePage(createLog(20, 20), { items: [message(10, 10), message(13, 13)], head }, { around: 11, limit: 2 });
    expect([log.from, log.to, hasNewer(log), hasOlder(log)]).toEqual([10, 13, true, true]);
    log = mergePage(log, { items: [message(17, 17)], head }, { after: 13, limit: 5 });
    expect([log.to, hasNewer(log)]).toEqual([20, false]);
    log = mergePage(log, { items: [message(2, 2), message(6, 6)], head }, { before: 10, limit: 2 });
    expect(log.window.map(({ n }) => n)).toEqual([2, 6, 10, 13, 17]);
    expect([log.from, hasOlder(log)]).toEqual([2, true]);
  });

  it('count once under their root, whether a page or the event comes first', () => {
    const root = { ...message(1, 1), replies: { count: 2, lastTs: 'x', authors: [ana], following: true, readN: 0, unread: 2, seq: 7 } };
    expect(withReplies([root], [event(reply(4, 6))])[0]).toBe(root);
    const [after] = withReplies([root], [event(reply(5, 8))]);
    expect(after?.replies).toMatchObject({ count: 3, authors: [bruno, ana], seq: 8 });
    expect(withReplies([message(1, 1)], [event(reply(2, 2))])[0]?.replies).toMatchObject({ count: 1, authors: [bruno] });
  });

  it('are neither unread in the room nor its last message, but may mention', () => {
    const entry = { id: 'r_1', visibility: 'public', countedSeq: 3, unread: 1, mentions: 0, readN: 2, hidden: false, lastMessage: message(3, 3) } as RoomEntry;
    const after = withEvent(entry, event({ ...reply(4, 4), mentions: [ana.id] }), ana.id);
    expect(after).toMatchObject({ unread: 1, mentions: 1, readN: 2, countedSeq: 4, lastMessage: { n: 3 } });
    expect(withEvent(after, event(reply(5, 5, 'r_1.1', ana)), ana.id)).toMatchObject({ unread: 1, mentions: 1, readN: 2 });
  });
});
