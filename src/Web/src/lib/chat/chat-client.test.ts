import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatApi } from '@/lib/api/chat-api';
import { noPreferences, type Me, type Message, type Person, type Room } from '@/lib/api/schemas';
import { ServerClock } from '@/lib/server-clock';
import { createdFrame, message } from '@/test/build';
import { ana, bruno, FakeSocket } from '@/test/fake-socket';
import { ChatClient } from './chat-client';
import { memoryOutboxDb } from './outbox-db';
import { hasNewer } from './room-log';

const me: Me = { ...ana, email: null, locale: 'en', avatar: null, owner: false, status: null };

function room(seq: number, n: number, extra: Partial<Room> = {}): Room {
  return {
    id: 'r_1', name: 'general', topic: null, visibility: 'public', memberCount: 2, onlineCount: 1, lastMessage: null, unread: 0, mentions: 0,
    joined: true, role: 'member', head: { seq, n }, readN: n, createdAt: '2026-01-01T00:00:00.000Z', linkCards: true, picture: null,
    preferences: noPreferences, people: [], hidden: false, archived: false, ...extra,
  };
}

const pageOf = (items: Message[], seq: number, n: number) => ({ items, head: { seq, n } });

async function create(first: Room = room(2, 2)) {
  const sockets: FakeSocket[] = [];
  const api = {
    rooms: vi.fn(() => Promise.resolve({ items: [first], nextCursor: null })),
    room: vi.fn(() => Promise.resolve(first)),
    messages: vi.fn(() => Promise.resolve(pageOf([message(1, 1), message(2, 2)], 2, 2))),
    removeLinkCards: vi.fn(() => Promise.resolve()),
    pins: vi.fn(() => Promise.resolve({ items: [] as Message[], nextCursor: null })),
    message: vi.fn(() => Promise.resolve(message(1, 1, { text: 'the question' }))),
    members: vi.fn(() => Promise.resolve({ items: [], nextCursor: null })),
    people: vi.fn((ids: readonly string[]) => Promise.resolve({ items: ids.map((id) => ({ id, username: id, displayName: id, avatar: `f_of_${id}`, status: null })), nextCursor: null })),
    blocks: vi.fn(() => Promise.resolve({ items: [] as Person[], nextCursor: null })),
    block: vi.fn(() => Promise.resolve()),
    hideDirect: vi.fn(() => Promise.resolve()),
  };
  const client = new ChatClient({
    me,
    api: api as unknown as ChatApi,
    db: memoryOutboxDb(),
    clock: new ServerClock(null),
    device: 'd_1',
    refresh: () => Promise.resolve('ok'),
    uploadTransport: { start: () => () => undefined },
    onSessionLost: vi.fn(),
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
  });
  await client.start();
  const socket = () => sockets.at(-1)!;
  const texts = () => client.timelines.get('r_1')!.log.window.map((m) => m.text);
  const entry = () => client.rooms.get().get('r_1')!;
  return { client, api, socket, sockets, texts, entry };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('ChatClient', () => {
  beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: false }));
  afterEach(() => void vi.useRealTimers());

  it('pulls what a gap hides, and applies what came after it', async () => {
    const { client, socket, texts } = await create();
    socket().live();
    client.openRoom('r_1');
    await settle();
    socket().say(createdFrame(5, 5));
    expect(texts()).toEqual(['message 1', 'message 2']);
    await vi.advanceTimersByTimeAsync(200);
    expect(socket().last('room.sync')).toMatchObject({ room: 'r_1', d: { from: 2 } });
    const events = [3, 4, 5].map((seq) => createdFrame(seq, seq));
    socket().reply('room.sync', { from: 2, to: 5, head: 5, events, complete: true });
    await settle();
    expect(texts()).toEqual([1, 2, 3, 4, 5].map((n) => `message ${n}`));
  });

  it('pulls on until the answer is complete', async () => {
    const { client, socket, texts } = await create();
    socket().live();
    client.openRoom('r_1');
    await settle();
    socket().say(createdFrame(5, 5));
    await vi.advanceTimersByTimeAsync(200);
    socket().reply('room.sync', { from: 2, to: 3, head: 6, events: [createdFrame(3, 3)], complete: false });
    await settle();
    expect(socket().last('room.sync').d).toEqual({ from: 3 });
    socket().reply('room.sync', { from: 3, to: 5, head: 6, events: [createdFrame(4, 4), createdFrame(5, 5)], complete: false });
    await settle();
    expect(socket().last('room.sync').d).toEqual({ from: 5 });
    socket().reply('room.sync', { from: 5, to: 6, head: 6, events: [createdFrame(6, 6)], complete: true });
    await settle();
    expect(texts()).toEqual([1, 2, 3, 4, 5, 6].map((n) => `message ${n}`));
  });

  it('finds a lost last event by the beacon, and after room.lagged', async () => {
    const { client, socket, texts } = await create();
    socket().live();
    client.openRoom('r_1');
    await settle();
    socket().say({ ev: 'room.head', d: [{ room: 'r_1', head: 3, n: 3 }] });
    await vi.advanceTimersByTimeAsync(200);
    socket().reply('room.sync', { from: 2, to: 3, head: 3, events: [createdFrame(3, 3)], complete: true });
    await settle();
    expect(texts()).toContain('message 3');
    socket().say({ ev: 'room.lagged', room: 'r_1', d: { head: 4 } });
    await vi.advanceTimersByTimeAsync(200);
    expect(socket().last('room.sync').d).toEqual({ from: 3 });
  });

  it('reloads the room from REST where the gap is too large', async () => {
    const { client, api, socket, texts } = await create();
    socket().live();
    client.openRoom('r_1');
    await settle();
    api.messages.mockResolvedValue(pageOf([message(5000, 4000)], 5000, 4000));
    socket().say({ ev: 'room.head', d: [{ room: 'r_1', head: 5000, n: 4000 }] });
    await vi.advanceTimersByTimeAsync(200);
    socket().refuse('room.sync', 'gap_too_large');
    await settle();
    expect(texts()).toEqual(['message 4000']);
  });

  it('drops the window and reloads on room.reset', async () => {
    const { client, api, socket, texts } = await create();
    socket().live();
    client.openRoom('r_1');
    await settle();
    api.messages.mockResolvedValue(pageOf([message(9, 7)], 9, 7));
    socket().say({ ev: 'room.reset', room: 'r_1', d: { head: 9, n: 7, reason: 'epoch' } });
    await settle();
    expect(texts()).toEqual(['message 7']);
    expect(client.timelines.get('r_1')!.log.seq).toBe(9);
  });

  it('resumes the rooms it holds with the last seq applied', async () => {
    const { client, socket } = await create();
    socket().live();
    client.openRoom('r_1');
    await settle();
    socket().say(createdFrame(3, 3));
    socket().end(1006);
    client.socket.retryNow();
    socket().open();
    expect(socket().last('hello').d).toMatchObject({ resume: { epoch: 'e_1', rooms: { r_1: 3 } } });
  });

  it.each(['reply first', 'event first'])('shows an own message once: %s', async (order) => {
    const { client, socket, texts } = await create();
    socket().live();
    client.openRoom('r_1');
    await settle();
    const { cid } = client.send('r_1', 'hello', null);
    expect(client.outbox.items.get()).toHaveLength(1);
    const reply = () => socket().reply('message.send', { seq: 3, n: 3, id: 'r_1.3', ts: '2026-01-01T10:00:00.000Z', dup: false });
    const event = () => socket().say(createdFrame(3, 3, { cid, author: ana, text: 'hello' }));
    if (order === 'reply first') reply();
    else event();
    await settle();
    expect(client.outbox.items.get()).toHaveLength(0);
    expect(texts().filter((text) => text === 'hello')).toHaveLength(1);
    if (order === 'reply first') event();
    else reply();
    await settle();
    expect(texts().filter((text) => text === 'hello')).toHaveLength(1);
  });

  it('sends the files’ ids, and takes the message as the server tells it', async () => {
    const { client, socket } = await create();
    socket().live();
    client.openRoom('r_1');
    await settle();
    const file = { id: 'f_1', name: 'a.png', type: 'image/png', size: 3, width: 2, height: 1, placeholder: null, thumbnails: [] };
    const { cid } = client.send('r_1', '', null, [file]);
    expect(socket().last('message.send').d).toEqual({ cid, text: '', replyTo: null, files: ['f_1'] });
    socket().reply('message.send', { seq: 3, n: 3, id: 'r_1.3', ts: '2026-01-01T10:00:00.000Z', dup: false });
    await settle();
    expect(client.outbox.items.get()).toMatchObject([{ state: 'sent', files: [file] }]);
    expect(hasNewer(client.timelines.get('r_1')!.log)).toBe(false);

    // The event does not come: it is pulled.
    await vi.advanceTimersByTimeAsync(200);
    expect(socket().last('room.sync').d).toEqual({ from: 2 });
    const frame = createdFrame(3, 3, { cid, author: ana, text: '' }) as { d: object };
    const said = { id: 'f_1', name: 'a.jpg', type: 'image/jpeg', size: 3, width: 2, height: 1, placeholder: 'data:image/webp;base64,AA==', thumbnails: [{ width: 2, height: 1 }] };
    socket().reply('room.sync', { from: 2, to: 3, head: 3, complete: true, events: [{ ...frame, d: { ...frame.d, files: [said] } }] });
    await settle();
    expect(client.outbox.items.get()).toEqual([]);
    expect(client.timelines.get('r_1')!.log.window.at(-1)).toMatchObject({ text: '', files: [said] });
  });

  it('asks for the removal of link cards, and shows it when its event comes', async () => {
    const { client, api, socket } = await create();
    socket().live();
    client.openRoom('r_1');
    await settle();
    const cards = [{ url: 'https://a.example/', title: 'A', description: '', site: 'a.example' }];
    socket().say({ ev: 'link.attached', room: 'r_1', seq: 3, d: { id: 'r_1.2', n: 2, cards } });
    const shown = () => client.timelines.get('r_1')!.log.window.at(-1)!;
    expect(shown().preview?.cards).toMatchObject(cards);
    await client.removeLinkCards(shown());
    expect(api.removeLinkCards).toHaveBeenCalledExactlyOnceWith('r_1', 'r_1.2');
    socket().say({ ev: 'link.attached', room: 'r_1', seq: 4, d: { id: 'r_1.2', n: 2, cards: [] } });
    expect(shown().preview).toBeNull();
  });

  it('reads the counts again where an unread message of others is deleted or edited, and shows the last message as it is', async () => {
    const { api, socket, entry } = await create(room(2, 2, { unread: 2, mentions: 1, readN: 0, lastMessage: message(2, 2) }));
    socket().live();
    api.room.mockResolvedValue(room(3, 2, { unread: 1, mentions: 0, readN: 0, lastMessage: message(2, 2, { deleted: true, text: '' }) }));
    socket().say({ ev: 'message.deleted', room: 'r_1', seq: 3, d: { id: 'r_1.2', n: 2, by: bruno } });
    expect(entry().lastMessage).toMatchObject({ deleted: true, text: '' });
    await settle();
    // Also where the room was being read when the event came.
    expect(entry()).toMatchObject({ unread: 1, mentions: 0 });
    api.room.mockClear();
    socket().say({ ev: 'message.edited', room: 'r_1', seq: 4, d: { id: 'r_1.1', n: 1, text: 'x', editedAt: '2026-01-01T11:00:00.000Z', mentions: [] } });
    await settle();
    expect(api.room).toHaveBeenCalledOnce();
  });

  it('knows a quoted message that is not in the window, asked for once, and as it is edited', async () => {
    const { client, api, socket } = await create();
    socket().live();
    client.quotes.want('r_1', 'r_1.1');
    client.quotes.want('r_1', 'r_1.1');
    await settle();
    expect(api.message).toHaveBeenCalledExactlyOnceWith('r_1', 'r_1.1');
    expect(client.quotes.all.get().get('r_1.1')?.text).toBe('the question');
    socket().say({ ev: 'message.edited', room: 'r_1', seq: 3, d: { id: 'r_1.1', n: 1, text: 'the answer', editedAt: '2026-01-01T11:00:00.000Z', mentions: [] } });
    expect(client.quotes.all.get().get('r_1.1')?.text).toBe('the answer');
  });

  it('reads the pins of an open room again when they change, and drops a deleted one at once', async () => {
    const { client, api, socket } = await create();
    api.pins.mockResolvedValue({ items: [message(2, 2), message(1, 1)], nextCursor: null });
    socket().live();
    client.openRoom('r_1');
    await settle();
    const pins = () => client.pins.all.get().get('r_1')!.map(({ n }) => n);
    expect(pins()).toEqual([2, 1]);
    socket().say({ ev: 'message.deleted', room: 'r_1', seq: 3, d: { id: 'r_1.2', n: 2, by: bruno } });
    expect(pins()).toEqual([1]);
    api.pins.mockResolvedValue({ items: [], nextCursor: null });
    socket().say({ ev: 'message.pinned', room: 'r_1', seq: 4, d: { id: 'r_1.1', n: 1, by: bruno, on: false } });
    await settle();
    expect(pins()).toEqual([]);
  });

  it('sends again with the same cid when the connection went before the answer', async () => {
    const { client, socket } = await create();
    socket().live();
    const { cid } = client.send('r_1', 'hello', null);
    socket().end(1006);
    await settle();
    client.socket.retryNow();
    socket().live();
    await settle();
    expect(socket().last('message.send').d).toMatchObject({ cid, text: 'hello' });
  });

  it('counts messages of others as unread, what came before one’s own not any more, and reading takes the count away once', async () => {
    const { client, socket, entry } = await create();
    socket().live();
    socket().say(createdFrame(3, 3));
    socket().say(createdFrame(3, 3));
    socket().say(createdFrame(4, 4, { author: ana }));
    expect(entry()).toMatchObject({ unread: 0, readN: 4 });
    socket().say(createdFrame(5, 5));
    expect(entry()).toMatchObject({ unread: 1, readN: 4 });
    client.reading.markRead('r_1', 5);
    expect(entry()).toMatchObject({ unread: 0, readN: 5 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket().last('read.set')).toMatchObject({ room: 'r_1', d: { n: 5 } });
  });

  it('opens a room around its first unread message, and takes from the count what was shown', async () => {
    const { client, api, socket, entry } = await create(room(80, 80, { unread: 60, mentions: 2, readN: 20 }));
    const items = Array.from({ length: 40 }, (_, i) => ({ ...message(i + 1, i + 1), mentions: i === 24 ? [ana.id] : [] }));
    api.messages.mockImplementation(() => Promise.resolve(pageOf(items, 80, 80)));
    socket().live();
    client.openRoom('r_1');
    await settle();
    expect(api.messages).toHaveBeenCalledExactlyOnceWith('r_1', { around: 20, limit: 100 });
    client.reading.markRead('r_1', 35);
    expect(entry()).toMatchObject({ readN: 35, unread: 45, mentions: 1 });
    client.reading.markRead('r_1', 30);
    expect(entry()).toMatchObject({ readN: 35, unread: 45 });
  });

  it('follows what another device has read, and never back', async () => {
    const { socket, entry } = await create();
    socket().live();
    socket().say(createdFrame(3, 3));
    socket().say({ ev: 'read.updated', useq: 1, room: 'r_1', d: { n: 3, unread: 0, mentions: 0 } });
    expect(entry()).toMatchObject({ unread: 0, readN: 3 });
    socket().say({ ev: 'read.updated', useq: 2, room: 'r_1', d: { n: 1, unread: 2, mentions: 0 } });
    expect(entry()).toMatchObject({ unread: 0, readN: 3 });
  });

  it('keeps what the user has marked as unread, although it is on the screen, until the room is opened again', async () => {
    const { client, socket, entry } = await create();
    socket().live();
    client.openRoom('r_1');
    await settle();
    const marked = client.reading.markUnread(message(2, 2));
    expect(entry()).toMatchObject({ readN: 1, unread: 1 });
    client.reading.markSeen('r_1', 2);
    expect(socket().last('read.set').d).toEqual({ n: 1, back: true });
    socket().reply('read.set', { n: 1, unread: 1, mentions: 0 });
    await marked;
    expect(entry()).toMatchObject({ readN: 1, unread: 1 });
    client.closeRoom('r_1');
    client.openRoom('r_1');
    client.reading.markSeen('r_1', 2);
    expect(entry()).toMatchObject({ readN: 2, unread: 0 });
  });

  it('goes back where another device has marked messages as unread, live and after it was away', async () => {
    const { socket, entry, client } = await create();
    socket().live();
    socket().say({ ev: 'read.updated', useq: 1, room: 'r_1', d: { n: 1, unread: 1, mentions: 0, back: true } });
    expect(entry()).toMatchObject({ readN: 1, unread: 1 });
    client.reading.markRead('r_1', 2);
    expect(entry()).toMatchObject({ readN: 2, unread: 0 });
    // Read here while the server did not know it: that is told, not lost.
    socket().say({ ev: 'room.digest', d: [{ room: 'r_1', head: 2, n: 2, readN: 1, unread: 1, mentions: 0 }] });
    expect(entry()).toMatchObject({ readN: 2, unread: 0 });
    await vi.advanceTimersByTimeAsync(1_000);
    socket().reply('read.set', { n: 2, unread: 0, mentions: 0 });
    await settle();
    socket().say({ ev: 'room.digest', d: [{ room: 'r_1', head: 2, n: 2, readN: 0, unread: 2, mentions: 0, preferences: { notify: 'none', muted: true, favourite: false, order: 0 } }] });
    expect(entry()).toMatchObject({ readN: 0, unread: 2, preferences: { notify: 'none', muted: true } });
  });

  it('shows the newest topic, however the event and what REST says meet', async () => {
    const { api, socket, entry } = await create(room(2, 2, { topic: 'first' }));
    const changed = (seq: number, topic: string) => ({ ev: 'room.topicChanged', room: 'r_1', seq, d: { topic, by: bruno, ts: '2026-01-01T10:00:00.000Z' } });
    socket().live();
    socket().say(changed(3, 'third'));
    expect(entry()).toMatchObject({ topic: 'third', unread: 0 });
    // An answer from before the change, as of a list that was asked for earlier.
    socket().say({ ev: 'membership.added', useq: 1, d: { room: room(2, 2, { topic: 'first' }) } });
    expect(entry().topic).toBe('third');
    // Counted by a digest, which does not say the topic, and then pulled.
    api.rooms.mockResolvedValue({ items: [room(4, 2, { topic: 'fourth' })], nextCursor: null });
    socket().say({ ev: 'room.digest', d: [{ room: 'r_1', head: 4, n: 2, readN: 2, unread: 0, mentions: 0 }] });
    expect(entry().topic).toBe('third');
    await vi.advanceTimersByTimeAsync(1_500);
    expect(entry().topic).toBe('fourth');
    socket().say(changed(4, 'fourth'));
    socket().say(changed(5, ''));
    expect(entry().topic).toBe('');
  });

  it('knows the pictures of those who are shown, asked for at once, and as they change', async () => {
    const { client, api, socket } = await create();
    socket().live();
    for (const id of ['u_7', 'u_8', 'u_7']) client.people.want(id);
    await vi.waitFor(() => expect(client.people.avatars.get().get('u_8')).toBe('f_of_u_8'));
    expect(api.people).toHaveBeenCalledTimes(1);
    expect(api.people).toHaveBeenCalledWith(expect.arrayContaining(['u_7', 'u_8']));
    socket().say({ ev: 'user.changed', d: { id: 'u_7', username: 'u7', displayName: 'Seven', avatar: null } });
    expect(client.people.avatars.get().get('u_7')).toBeNull();
    expect(client.users.get().get('u_7')?.displayName).toBe('Seven');
    // A message has the name of when it was sent.
    socket().say(createdFrame(3, 3, { author: { id: 'u_7', username: 'u7', displayName: 'Sven' } }));
    expect(client.users.get().get('u_7')?.displayName).toBe('Seven');
    client.people.want('u_7');
    expect(api.people).toHaveBeenCalledTimes(1);
  });

  it.each([['event', 'answer'], ['answer', 'event']])('shows the room’s picture whichever comes first: %s, %s', async (first) => {
    const { client, socket } = await create();
    socket().live();
    const event = () => socket().say({ ev: 'room.pictureChanged', room: 'r_1', seq: 3, d: { picture: 'f_new', by: ana, ts: '2026-01-01T00:00:00.000Z' } });
    if (first === 'event') event();
    socket().say({ ev: 'membership.added', useq: 1, d: { room: room(first === 'event' ? 2 : 3, 2, { picture: first === 'event' ? 'f_old' : 'f_new' }) } });
    if (first === 'answer') event();
    expect(client.rooms.get().get('r_1')?.picture).toBe('f_new');
  });

  it('says hello anew after a gap in the user’s stream', async () => {
    const { socket, sockets } = await create();
    socket().live();
    socket().say({ ev: 'read.updated', useq: 3, room: 'r_1', d: { n: 2, unread: 0, mentions: 0 } });
    expect(sockets).toHaveLength(2);
  });

  it('adds and removes rooms as memberships change', async () => {
    const { client, socket } = await create();
    const removed = vi.fn();
    client.onRoomRemoved(removed);
    socket().live();
    socket().say({ ev: 'membership.added', useq: 1, d: { room: room(1, 0, { id: 'r_9', name: 'new' }) } });
    expect(client.rooms.get().get('r_9')?.name).toBe('new');
    socket().say({ ev: 'membership.removed', useq: 2, d: { room: 'r_9', reason: 'left' } });
    expect(client.rooms.get().has('r_9')).toBe(false);
    expect(removed).toHaveBeenCalledWith('r_9', 'left');
  });

  it('tells of live messages of others, and not of what was missed', async () => {
    const { client, socket } = await create();
    const notice = vi.fn();
    client.onNotice(notice);
    socket().hello();
    socket().say({ ev: 'room.sync', room: 'r_1', d: { from: 2, to: 3, head: 3, events: [createdFrame(3, 3)], complete: true } });
    socket().say({ ev: 'sync.done' });
    expect(notice).not.toHaveBeenCalled();
    socket().say(createdFrame(4, 4));
    socket().say(createdFrame(5, 5, { author: ana }));
    expect(notice).toHaveBeenCalledTimes(1);
  });

  it('shows who is there, who comes and goes, and that it cannot be known', async () => {
    const { client, socket } = await create();
    socket().live();
    client.openRoom('r_1');
    socket().reply('presence.watch', { state: 'ok', online: ['u_1'], onlineCount: 1 });
    await settle();
    socket().say({ ev: 'presence', room: 'r_1', d: { state: 'ok', joined: [bruno.id], left: ['u_1'], onlineCount: 1 } });
    expect([...client.live.presence.get().get('r_1')!.online!]).toEqual([bruno.id]);
    socket().say({ ev: 'presence', room: 'r_1', d: { state: 'unknown', online: [], joined: [], left: [], onlineCount: null } });
    expect(client.live.presence.get().get('r_1')).toMatchObject({ state: 'unknown', count: null });
  });

  const bo: Person = { ...bruno, avatar: null, status: null };
  const direct = () => create(room(3, 2, { visibility: 'direct', name: bo.displayName, people: [bo], hidden: true }));

  it('counts every message of a direct room as meant for the user, and brings the room into the list', async () => {
    const { client, socket, entry } = await direct();
    const notices: boolean[] = [];
    client.onNotice(({ direct: isDirect, mentioned }) => notices.push(isDirect && mentioned));
    socket().live();
    await settle();
    socket().say(createdFrame(4, 3));
    expect(entry()).toMatchObject({ unread: 1, mentions: 1, hidden: false });
    expect(notices).toEqual([true]);
  });

  it('hides a direct room, also where another device does', async () => {
    const { client, socket, entry } = await direct();
    socket().live();
    await settle();
    socket().say({ ev: 'direct.hidden', room: 'r_1', useq: 1, d: { hidden: false } });
    expect(entry().hidden).toBe(false);
    await client.hideDirect('r_1');
    expect(entry().hidden).toBe(true);
  });

  it('calls a direct room as its people are called now', async () => {
    const { client, socket, entry } = await direct();
    socket().live();
    await settle();
    socket().say({ ev: 'user.changed', d: { ...bo, displayName: 'Bruno X', status: { emoji: '', text: 'away' } } });
    expect(entry().name).toBe('Bruno X');
    expect(client.people.statuses.get().get(bo.id)).toEqual({ emoji: '', text: 'away' });
  });

  it('gives no notice and counts no mention of somebody who is blocked', async () => {
    const { client, socket, entry } = await create();
    const notices: unknown[] = [];
    client.onNotice((notice) => notices.push(notice));
    socket().live();
    await settle();
    socket().say({ ev: 'user.blocked', useq: 1, d: { user: bruno.id, on: true } });
    const frame = createdFrame(3, 3) as { d: object };
    socket().say({ ...frame, d: { ...frame.d, mentions: [ana.id] } });
    expect(entry()).toMatchObject({ unread: 1, mentions: 0 });
    expect(notices).toEqual([]);
    await client.blocks.set(bruno.id, false);
    expect([...client.blocks.users.get()]).toEqual([]);
  });
});
