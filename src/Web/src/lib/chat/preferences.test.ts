import { describe, expect, it } from 'vitest';
import { noPreferences, type Preferences } from '@/lib/api/schemas';
import { placesFor, RoomPreferences, type PreferenceChange } from './preferences';
import type { RoomEntry } from './room-entry';
import { countOf, createSections, needsAttention, type RoomSections } from './room-order';

const entry = (id: string, preferences: Partial<Preferences> = {}, extra: Partial<RoomEntry> = {}): RoomEntry => ({
  id, name: id, people: [], hidden: false, archived: false, settingsSeq: 0, topic: null, topicSeq: 0, linkCards: true, linkCardsSeq: 0, picture: null, pictureSeq: 0, visibility: 'public', memberCount: 1,
  role: 'member', lastMessage: null, countedSeq: 0, unread: 0, mentions: 0, readN: 0, activeAt: 0, preferences: { ...noPreferences, ...preferences }, ...extra,
});

function create() {
  let rooms: ReadonlyMap<string, RoomEntry> = new Map([['a', entry('a')]]);
  const asked: { change: PreferenceChange; answer: (value: Preferences) => void; refuse: () => void }[] = [];
  const preferences = new RoomPreferences({
    send: (_, change) => new Promise((answer, refuse) => asked.push({ change, answer, refuse: () => refuse(new Error('no')) })),
    rooms: () => rooms,
    put: (changed) => void (rooms = new Map([...rooms, [changed.id, changed]])),
  });
  return { preferences, asked, shown: () => rooms.get('a')!.preferences };
}

const settle = () => new Promise((done) => setTimeout(done));

describe('RoomPreferences', () => {
  it('shows a change at once, and takes it back where it is refused', async () => {
    const { preferences, asked, shown } = create();
    const muted = preferences.change('a', { muted: true });
    const refused = preferences.change('a', { notify: 'none' });
    expect(shown()).toMatchObject({ muted: true, notify: 'none' });
    await settle();
    expect(asked.map(({ change }) => change)).toEqual([{ muted: true }]); // one after the other
    asked[0]!.answer({ ...noPreferences, muted: true });
    await muted;
    await settle();
    asked[1]!.refuse();
    await expect(refused).rejects.toThrow('no');
    expect(shown()).toEqual({ ...noPreferences, muted: true });
  });

  it('keeps what another device has changed meanwhile', async () => {
    const { preferences, asked, shown } = create();
    const muted = preferences.change('a', { muted: true });
    await settle();
    preferences.learn('a', { ...noPreferences, muted: true });
    preferences.learn('a', { ...noPreferences, muted: false, notify: 'all' });
    expect(shown()).toMatchObject({ muted: true, notify: 'all' }); // the user's own wish, until it is answered
    asked[0]!.answer({ ...noPreferences, muted: true });
    await muted;
    expect(shown()).toMatchObject({ muted: false, notify: 'all' });
  });
});

describe('The order of the list', () => {
  const three = [entry('a', { favourite: true, order: 10 }), entry('b', { favourite: true, order: 20 }), entry('c', { favourite: true, order: 30 })];

  it('moves one between two others', () => {
    expect(placesFor(three, 'c', 1)).toEqual([['c', 15]]);
    expect(placesFor(three, 'c', 0)).toEqual([['c', 5]]);
    expect(placesFor(three, 'a', 2)[0]![1]).toBeGreaterThan(30);
  });

  it('gives all new places where there is none between two', () => {
    const close = [entry('a', { order: 1 }), entry('b', { order: 2 }), entry('c', { order: 3 })];
    const places = new Map(placesFor(close, 'c', 1));
    expect([...places.keys()].sort((x, y) => places.get(x)! - places.get(y)!)).toEqual(['a', 'c', 'b']);
  });

  it('has favourites first, then the others by name, and sorts no more than it must', () => {
    const rooms = new Map([entry('room 10'), entry('room 9'), ...three.toReversed()].map((room) => [room.id, room]));
    const ids = ({ favourites, others }: RoomSections) => [...favourites, ...others].map(({ id }) => id);
    const sections = createSections();
    expect(ids(sections(rooms))).toEqual(['a', 'b', 'c', 'room 9', 'room 10']);
    const read = new Map([...rooms, ['room 9', entry('room 9', {}, { unread: 5 })]]);
    expect(sections(read).others[0]!.unread).toBe(5);
    expect(ids(sections(new Map([...read, ['b', entry('b')]])))).toEqual(['a', 'c', 'b', 'room 9', 'room 10']);
    read.delete('room 9');
    expect(ids(sections(read))).toEqual(['a', 'b', 'c', 'room 10']);
  });

  it('counts only mentions of a muted room', () => {
    const muted = entry('a', { muted: true }, { unread: 9 });
    expect([needsAttention(muted), countOf(muted)]).toEqual([false, 0]);
    const named = { ...muted, mentions: 2 };
    expect([needsAttention(named), countOf(named)]).toEqual([true, 2]);
    expect(countOf(entry('a', {}, { unread: 9 }))).toBe(9);
  });
});
