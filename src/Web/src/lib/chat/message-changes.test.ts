import { describe, expect, it } from 'vitest';
import type { DurableEvent } from '@/lib/socket/frames';
import { created, message } from '@/test/build';
import { ana, bruno } from '@/test/fake-socket';
import { cardsOf, withChange } from './message-changes';
import { applyEvents, createLog } from './room-log';

const edited = (seq: number, text: string): DurableEvent => ({ kind: 'edited', seq, id: 'r_1.1', n: 1, text, editedAt: '2026-01-01T11:00:00.000Z', audience: null, mentions: [ana.id] });
const deleted = (seq: number): DurableEvent => ({ kind: 'deleted', seq, id: 'r_1.1', n: 1, by: ana });
const reacted = (seq: number, user: typeof ana, on: boolean, count: number, emoji = '👍'): DurableEvent => ({ kind: 'reaction', seq, id: 'r_1.1', n: 1, user, emoji, on, count });

const after = (...events: DurableEvent[]) => applyEvents(createLog(0, 0), [created(1, 1), ...events]).log.window[0]!;

describe('changes of a message', () => {
  it('shows the last edit', () => {
    expect(after(edited(2, 'two'), edited(3, 'three'))).toMatchObject({ text: 'three', mentions: [ana.id], editedAt: '2026-01-01T11:00:00.000Z' });
  });

  it('leaves nothing of a deleted message, and nothing brings it back', () => {
    const gone = after(reacted(2, ana, true, 1), deleted(3), edited(4, 'back'), reacted(5, ana, true, 1));
    expect(gone).toMatchObject({ text: '', deleted: true, reactions: [], files: [], mentions: [], preview: null });
  });

  it('counts as the event says, whether the page had the reaction already or not', () => {
    expect(after(reacted(2, ana, true, 1), reacted(3, bruno, true, 2)).reactions).toEqual([{ emoji: '👍', count: 2, users: [ana.id, bruno.id] }]);
    expect(after(reacted(2, ana, true, 1), reacted(3, ana, true, 1)).reactions).toEqual([{ emoji: '👍', count: 1, users: [ana.id] }]);
    expect(after(reacted(2, ana, true, 1), reacted(3, ana, true, 1, '🎉'), reacted(4, ana, false, 0)).reactions).toEqual([{ emoji: '🎉', count: 1, users: [ana.id] }]);
  });

  it('keeps the objects of messages that do not change', () => {
    const other = message(2, 2);
    expect(withChange(other, edited(3, 'x'))).toBe(other);
    const { log } = applyEvents(createLog(0, 0), [created(1, 1), created(2, 2)]);
    expect(applyEvents(log, [edited(3, 'x')]).log.window[1]).toBe(log.window[1]);
  });

  it('shows a card while its link is in the text', () => {
    const card = (url: string) => ({ url, title: 'T', description: '', site: 's', image: null });
    const cards = { cards: [card('https://a.example'), card('https://b.example')] };
    expect(cardsOf(message(1, 1, { text: 'anything', preview: cards }))).toHaveLength(2);
    expect(cardsOf(message(1, 1, { text: 'only https://b.example now', preview: cards, editedAt: '2026-01-01T11:00:00.000Z' })).map(({ url }) => url)).toEqual(['https://b.example']);
  });
});
