import { describe, expect, it } from 'vitest';
import type { OutboxItem } from '@/lib/chat/outbox';
import { message } from '@/test/build';
import { ana, bruno } from '@/test/fake-socket';
import { buildRows, type RowCache } from './rows';

const at = (minutes: number) => new Date(2026, 0, 5, 10, minutes).toISOString();
const pending = (cid: string): OutboxItem => ({ cid, user: ana.id, room: 'r_1', text: 'x', replyTo: null, thread: null, files: [], createdAt: Date.parse(at(9)), state: 'pending', seq: null, error: null });

describe('buildRows', () => {
  it('groups the messages of one author within five minutes', () => {
    const messages = [message(1, 1, { ts: at(0) }), message(2, 2, { ts: at(1) }), message(3, 3, { ts: at(8) }), message(4, 4, { ts: at(8), author: ana })];
    expect(buildRows({ messages, outbox: [], me: ana, dividerN: null }).map((row) => row.head)).toEqual([true, false, true, true]);
  });

  it('begins a day with a separator', () => {
    const messages = [message(1, 1, { ts: at(0) }), message(2, 2, { ts: new Date(2026, 0, 6).toISOString() })];
    expect(buildRows({ messages, outbox: [], me: ana, dividerN: null }).map((row) => row.day)).toEqual([true, true]);
  });

  it('puts the divider above the first new message of others, once', () => {
    const messages = [message(1, 1), message(2, 2, { author: ana }), message(3, 3), message(4, 4)];
    expect(buildRows({ messages, outbox: [], me: ana, dividerN: 1 }).map((row) => row.unread)).toEqual([false, false, true, false]);
  });

  it('shows a pending message last, and not beside its confirmation, under the same key', () => {
    const before = buildRows({ messages: [message(1, 1)], outbox: [pending('c-x')], me: ana, dividerN: null });
    const after = buildRows({ messages: [message(1, 1), message(2, 2, { cid: 'c-x', author: ana })], outbox: [pending('c-x')], me: ana, dividerN: null });
    expect(before).toHaveLength(2);
    expect(after).toHaveLength(2);
    expect(after[1]!.key).toBe(before[1]!.key);
  });

  it('makes one new row for a message that arrives: the others are the same objects', () => {
    const cache: RowCache = new Map();
    const messages = [message(1, 1, { ts: at(0) }), message(2, 2, { ts: at(1) }), message(3, 3, { ts: at(8) })];
    const before = buildRows({ messages, outbox: [], me: ana, dividerN: null }, cache);
    const after = buildRows({ messages: [...messages, message(4, 4, { ts: at(9) })], outbox: [], me: ana, dividerN: null }, cache);
    expect(after).toHaveLength(4);
    before.forEach((row, i) => expect(after[i]).toBe(row));
  });

  it('makes a row again where the message, the divider or the row before it is another', () => {
    const cache: RowCache = new Map();
    const messages = [message(1, 1, { ts: at(0) }), message(2, 2, { ts: at(1) }), message(3, 3, { ts: at(2) })];
    const before = buildRows({ messages, outbox: [], me: ana, dividerN: null }, cache);
    const divided = buildRows({ messages, outbox: [], me: ana, dividerN: 1 }, cache);
    expect(divided[0]).toBe(before[0]);
    expect(divided[1]).toMatchObject({ unread: true, head: true });
    const older = buildRows({ messages: [message(0, 0, { ts: at(0) }), ...messages], outbox: [], me: ana, dividerN: null }, cache);
    expect(older[1]).toMatchObject({ key: before[0]!.key, day: false, head: false });
    const changed = buildRows({ messages: [messages[0]!, { ...messages[1]!, text: 'edited' }, messages[2]!], outbox: [], me: ana, dividerN: null }, cache);
    expect(changed[1]!.message!.text).toBe('edited');
  });

  it('keeps a cid that another user has taken too apart', () => {
    const rows = buildRows({ messages: [message(1, 1, { cid: 'c', author: bruno })], outbox: [pending('c')], me: ana, dividerN: null });
    expect(new Set(rows.map((row) => row.key)).size).toBe(2);
  });
});
