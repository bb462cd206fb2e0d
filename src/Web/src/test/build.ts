import type { Message } from '@/lib/api/schemas';
import type { DurableEvent } from '@/lib/socket/frames';
import { bruno } from './fake-socket';

export function message(seq: number, n: number, extra: Partial<Message> = {}): Message {
  return {
    room: 'r_1', seq, n, id: `r_1.${seq}`, cid: `c-${n}`, author: bruno, text: `message ${n}`, ts: '2026-01-01T10:00:00.000Z',
    editedAt: null, deleted: false, replyTo: null, files: [], preview: null, reactions: [], mentions: [], audience: null, ...extra,
  };
}

export const created = (seq: number, n: number, extra: Partial<Message> = {}): DurableEvent => ({ kind: 'message', seq, message: message(seq, n, extra) });

/** The same as a frame of the wire. */
export function createdFrame(seq: number, n: number, extra: { cid?: string; author?: typeof bruno; text?: string } = {}): object {
  const author = extra.author ?? bruno;
  return {
    ev: 'message.created', room: 'r_1', seq,
    d: { id: `r_1.${seq}`, n, cid: extra.cid ?? `c-${n}`, author: author.id, authorInfo: author, text: extra.text ?? `message ${n}`, ts: '2026-01-01T10:00:00.000Z', mentions: [] },
  };
}
