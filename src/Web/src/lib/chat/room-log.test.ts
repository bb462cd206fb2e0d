import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { created, message } from '@/test/build';
import type { DurableEvent } from '@/lib/socket/frames';
import { applyEvents, createLog, hasGap, hasNewer, heldLimit, learnHead, mergePage, trimWindow, type RoomLog } from './room-log';

// `./test` draws the seed, prints it and takes it back; otherwise fast-check draws one and a failure names it.
const seed = process.env['AKKACHAT_TEST_SEED'];
fc.configureGlobal({ numRuns: 10_000, ...(seed ? { seed: Number(seed) } : {}) });

/** A room's true history: some events are messages, some are not. */
const history = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }).map((kinds) => {
  let n = 0;
  return kinds.map((isMessage, i): DurableEvent => (isMessage ? created(i + 1, ++n) : { kind: 'other', seq: i + 1 }));
});

const ns = (log: RoomLog) => log.window.map((m) => m.n);

const messagesOf = (events: readonly DurableEvent[]) => events.flatMap((event) => (event.kind === 'message' ? [event.message] : []));

describe('RoomLog', () => {
  it('shows the cards of a message’s links as the last event says, in order, and none of a message it does not hold', () => {
    const card = { url: 'https://a.example/', title: 'A', description: '', site: 'a.example', image: null };
    const links = (seq: number, id: string, cards: readonly (typeof card)[]): DurableEvent => ({ kind: 'links', seq, id, n: 1, cards });
    const { log } = applyEvents(createLog(0, 0), [created(1, 1), created(2, 2), links(3, 'r_1.1', [card]), links(4, 'r_1.99', [card])]);
    expect(log.window.map(({ preview }) => preview?.cards.length ?? 0)).toEqual([1, 0]);
    const ahead = applyEvents(log, [links(6, 'r_1.1', [])]).log;
    expect(ahead.window[0]!.preview).not.toBeNull();
    expect(applyEvents(ahead, [links(5, 'r_1.1', [card, card])]).log.window[0]!.preview).toBeNull();
  });

  it('ends contiguous and complete under any loss, duplication and reordering, once the gap has been pulled', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (events, picks) => {
        let log = createLog(0, 0);
        const applied: number[] = [];
        for (let i = 0; i < events.length * 2; i++) {
          const event = events[(picks.next().value as number) % events.length]!;
          const result = applyEvents(log, [event]);
          log = result.log;
          applied.push(...result.events.map(({ seq }) => seq));
          expect(ns(log)).toEqual(ns(log).map((_, at) => (ns(log)[0] ?? 0) + at));
        }
        log = learnHead(log, events.length);
        if (hasGap(log)) {
          const result = applyEvents(log, events.filter(({ seq }) => seq > log.seq));
          log = result.log;
          applied.push(...result.events.map(({ seq }) => seq));
        }
        expect(applied).toEqual(events.map(({ seq }) => seq));
        expect(log.seq).toBe(events.length);
        expect(log.held.size).toBe(0);
        expect(log.window).toEqual(messagesOf(events));
      }),
    );
  });

  it('ends with the whole tail however a page of history and live events meet', () => {
    fc.assert(
      fc.property(history, fc.nat(), fc.nat(), fc.nat(), (events, a, b, c) => {
        const from = a % events.length; // the log begins here, as a digest says
        const readAt = from + (b % (events.length - from + 1)); // the page is current to here
        const arrives = from + (c % (events.length - from + 1)); // and arrives when these events have been applied
        const count = (to: number) => messagesOf(events.slice(0, to)).length;
        let log = createLog(from, count(from));
        log = applyEvents(log, events.slice(from, arrives)).log;
        log = mergePage(log, { items: messagesOf(events.slice(0, readAt)).slice(-20), head: { seq: readAt, n: count(readAt) } });
        log = applyEvents(log, events.slice(arrives)).log;
        expect(log.seq).toBe(events.length);
        expect(log.headN).toBe(count(events.length));
        if (log.window.length > 0) expect(log.window.at(-1)!.n).toBe(log.headN);
        expect(ns(log)).toEqual(ns(log).map((_, at) => ns(log)[0]! + at));
      }),
    );
  });

  it('holds no more than its limit from beyond a gap', () => {
    const { log } = applyEvents(createLog(0, 0), Array.from({ length: heldLimit + 1 }, (_, i) => created(i + 2, i + 2)));
    expect(log.held.size).toBe(0);
    expect(hasGap(log)).toBe(true);
  });

  it('leaves a window in the past alone when something new arrives', () => {
    const past = mergePage(createLog(100, 100, [message(100, 100)]), { items: [message(10, 10), message(11, 11)], head: { seq: 100, n: 100 } });
    const { log } = applyEvents(past, [created(101, 101)]);
    expect(ns(log)).toEqual([10, 11]);
    expect(log.headN).toBe(101);
    expect(hasNewer(log)).toBe(true);
  });

  it('adds older and newer pages to the ends of the window', () => {
    let log = createLog(6, 6, [message(3, 3), message(4, 4)]);
    log = mergePage(log, { items: [message(1, 1), message(2, 2)], head: { seq: 6, n: 6 } });
    log = mergePage(log, { items: [message(4, 4), message(5, 5), message(6, 6)], head: { seq: 6, n: 6 } });
    expect(ns(log)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('keeps the newest messages of a room that is closed, and none of one that was left in the past', () => {
    const all = [message(1, 1), message(2, 2), message(3, 3)];
    expect(ns(trimWindow(createLog(3, 3, all), 2))).toEqual([2, 3]);
    expect(ns(trimWindow(createLog(9, 9, all), 2))).toEqual([]);
  });
});
