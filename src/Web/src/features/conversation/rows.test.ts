import { describe, expect, it } from 'vitest';
import type { OutboxItem } from '@/lib/chat/outbox';
import { message } from '@/test/build';
import { ana, bruno } from '@/test/fake-socket';
import { buildRows } from './rows';

const at = (minutes: number) => new Date(2026, 0, 5, 10, minutes).toISOString();
const pending = (cid: string): OutboxItem => ({ cid, user: ana.id, room: 'r_1', text: 'x', replyTo: null, files: [], createdAt: Date.parse(at(9)), state: 'pending', seq: null, error: null });

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

  it('keeps a cid that another user has taken too apart', () => {
    const rows = buildRows({ messages: [message(1, 1, { cid: 'c', author: bruno })], outbox: [pending('c')], me: ana, dividerN: null });
    expect(new Set(rows.map((row) => row.key)).size).toBe(2);
  });
});
