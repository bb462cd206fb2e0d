import type { ChatApi } from '@/lib/api/chat-api';
import type { Me, Message, MessageFile, Room, UserRef } from '@/lib/api/schemas';
import { replies, type DurableEvent, type Hello, type SendReply, type ServerEvent } from '@/lib/socket/frames';
import { SocketClient, type RefreshOutcome, type Resume, type SocketLike } from '@/lib/socket/socket-client';
import type { ServerClock } from '@/lib/server-clock';
import { runIsolated, Store } from '@/lib/store';
import { readFiles, resumeKey, writeFiles } from '@/lib/drafts';
import { browserPreviews } from '@/lib/uploads/image-previews';
import { onceProcessed, uploadPicture, type PictureJob } from '@/lib/uploads/picture-upload';
import type { UploadTransport } from '@/lib/uploads/upload-transport';
import { Uploads } from '@/lib/uploads/uploads';
import { createUuid7 } from '@/lib/uuid7';
import { mayHaveAudience } from './audience';
import { Blocks } from './blocks';
import { Deeds } from './deeds';
import { LiveRooms } from './live-rooms';
import { isMentioned } from './message-changes';
import { Outbox, type OutboxItem } from './outbox';
import type { OutboxDb } from './outbox-db';
import { People } from './people';
import { Pins } from './pins';
import { Quotes } from './quotes';
import { RoomPreferences } from './preferences';
import { Reading } from './reading';
import type { Role } from './roles';
import { isDirect, withEvent, withPerson } from './room-entry';
import type { RoomLog } from './room-log';
import { RoomSet } from './room-set';
import { Saved } from './saved';
import { Threads } from './threads';
import { Timelines } from './timelines';
import { UserSettings } from './user-settings';

export interface ChatClientOptions {
  readonly me: Me;
  readonly api: ChatApi;
  readonly db: OutboxDb;
  readonly clock: ServerClock;
  readonly device: string;
  readonly openSocket: () => SocketLike;
  readonly uploadTransport: UploadTransport;
  readonly refresh: () => Promise<RefreshOutcome>;
  readonly onSessionLost: (reason: 'unauthenticated' | 'ended') => void;
}

export interface Notice {
  readonly room: string;
  readonly message: Message;
  /** Of a direct room every message is meant for the user. */
  readonly mentioned: boolean;
  readonly direct: boolean;
}

const restartEveryMs = 10_000;

/** The chat of one signed-in user: connects the socket, the rooms, their logs and the outbox. Plain TypeScript; React reads the stores. */
export class ChatClient {
  readonly rooms: RoomSet['all'];
  readonly roomsStatus: RoomSet['status'];
  readonly users = new Store<ReadonlyMap<string, UserRef>>(new Map());
  readonly limits = new Store<Hello['limits']>({
    frameBytes: 65_536, textBytes: 16_384, sendPerSec: 5, burst: 20, fileBytes: 104_857_600, fileTypes: [], messageFiles: 10,
  });
  readonly socket: SocketClient;
  readonly timelines: Timelines;
  readonly outbox: Outbox;
  readonly uploads: Uploads;
  readonly live: LiveRooms;
  readonly people: People;
  readonly blocks: Blocks;
  readonly pins: Pins;
  readonly quotes: Quotes;
  readonly saved: Saved;
  readonly deeds: Deeds;
  readonly reading: Reading;
  readonly threads: Threads;
  readonly preferences: RoomPreferences;
  readonly settings: UserSettings;

  readonly #options: ChatClientOptions;
  /** For what is shown where it is asked for, and changes nothing here. */
  readonly api: ChatApi;
  readonly #me: string;
  /** Whose present name is known. */
  readonly #named = new Set<string>();
  readonly #noticeListeners = new Set<(notice: Notice) => void>();
  readonly #removedListeners = new Set<(room: string, reason: string) => void>();
  readonly #rooms: RoomSet;
  /** Rooms that the server has not mentioned since the last hello: the user may have left them. */
  #uncovered = new Set<string>();
  #epoch: string | null = null;
  #opened: string | null = null;
  #userSeq = 0;
  #restartedAt = -Infinity;
  #unsubscribe: (() => void) | null = null;

  constructor(options: ChatClientOptions) {
    const { api, me, clock, db } = options;
    this.#options = options;
    this.api = api;
    this.#me = me.id;
    this.socket = new SocketClient({
      device: options.device,
      client: 'web/1.0',
      open: options.openSocket,
      refresh: options.refresh,
      resume: () => this.#resume(),
      onHello: (hello, sentAt, receivedAt) => this.#onHello(hello, sentAt, receivedAt),
      onEvent: (event, useq) => this.#onEvent(event, useq),
      onDurable: (room, event) => this.#onDurable(room, event),
    });
    this.#rooms = new RoomSet({
      api,
      reading: () => this.reading,
      onKnown: (room) => {
        this.timelines.seed(room.id, room.head.seq, room.head.n);
        this.people.learn(room.people);
      },
      onListed: (rooms) => this.#onListed(rooms),
      onRemoved: (room, reason) => this.#onRemoved(room, reason),
    });
    this.rooms = this.#rooms.all;
    this.roomsStatus = this.#rooms.status;
    this.timelines = new Timelines({ api, socket: this.socket, onApplied: (room, events, log) => this.#onApplied(room, events, log) });
    this.live = new LiveRooms(api, this.socket);
    this.blocks = new Blocks(api);
    this.people = new People(api, (people) => this.#nameUsers(people));
    this.pins = new Pins(api);
    this.quotes = new Quotes(api);
    this.saved = new Saved(api);
    this.deeds = new Deeds({ user: me.id, api, saved: this.saved, timelines: this.timelines, onLeft: (room) => this.#rooms.remove(room) });
    this.reading = new Reading({
      me: me.id,
      socket: this.socket,
      rooms: this.rooms.get,
      put: (entry) => this.#rooms.put(entry),
      log: (room) => this.timelines.get(room)?.log,
    });
    this.threads = new Threads({
      me: me.id,
      api,
      socket: this.socket,
      refresh: (room, id) => this.timelines.refresh(room, id),
      onMentions: (room, mentions) => this.#rooms.change(room, (entry) => ({ ...entry, mentions })),
    });
    this.settings = new UserSettings((change) => api.changeSettings(change));
    this.preferences = new RoomPreferences({
      send: (room, change) => api.changePreferences(room, change),
      rooms: this.rooms.get,
      put: (entry) => this.#rooms.put(entry),
    });
    this.outbox = new Outbox({
      user: me.id,
      db,
      now: clock.now,
      newCid: createUuid7(clock.now),
      canSend: () => this.socket.live,
      send: ({ room, cid, text, replyTo, thread, files }) => this.socket.request(replies.send, 'message.send', room, {
        cid, text, replyTo, files: files.map(({ id }) => id), ...(thread !== null && { thread }),
      }),
      onSent: (item, reply) => this.#onSent(item, reply),
    });
    this.uploads = new Uploads({
      transport: options.uploadTransport,
      limits: () => this.limits.get(),
      resumeKey: (room, file) => resumeKey(me.id, room, file),
      remove: (id) => api.deleteUpload(id),
      keep: (place, files) => writeFiles(me.id, place, files),
      previews: browserPreviews,
    });
    this.uploads.restore(readFiles(me.id));
    this.people.learn([me]);
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.socket.state.subscribe(() => this.#onConnection());
    void this.outbox.load().catch((error: unknown) => console.warn('akkachat: the outbox could not be read', error));
    this.deeds.undo.start();
    void this.blocks.load();
    await this.#rooms.load();
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#rooms.stop();
    this.deeds.undo.stop();
    this.reading.stop();
    this.threads.stop();
    this.outbox.stop();
    this.uploads.stop();
    this.live.stop();
    this.people.stop();
    this.timelines.stop();
    this.socket.stop();
  }

  /** Live messages from others, without those that were missed while disconnected. */
  onNotice(listener: (notice: Notice) => void): () => void {
    this.#noticeListeners.add(listener);
    return () => this.#noticeListeners.delete(listener);
  }

  onRoomRemoved(listener: (room: string, reason: string) => void): () => void {
    this.#removedListeners.add(listener);
    return () => this.#removedListeners.delete(listener);
  }

  openRoom(room: string): void {
    this.reading.forgetKept(room);
    const entry = this.rooms.get().get(room);
    this.timelines.open(room, entry && entry.unread > 0 ? entry.readN : null);
    this.live.watch(room);
    void this.pins.load(room);
    void this.saved.load(room);
    this.#opened = room;
    void this.live.loadMembers(room).then((users) => this.learnUsers(users));
  }

  closeRoom(room: string): void {
    this.reading.forgetKept(room);
    this.live.unwatch(room);
    this.timelines.close();
    if (this.#opened === room) this.#opened = null;
  }

  async loadMoreMembers(room: string): Promise<void> {
    const cursor = this.live.members.get().get(room)?.nextCursor;
    if (cursor) this.learnUsers(await this.live.loadMembers(room, cursor));
  }

  retryRooms(): void {
    void this.#rooms.load();
  }

  send(room: string, text: string, replyTo: string | null, files: readonly MessageFile[] = [], thread: string | null = null): OutboxItem {
    if (thread === null) void this.timelines.loadLatest(room);
    this.live.sent(room);
    return this.outbox.add(room, text, replyTo, files, thread);
  }

  async createRoom(body: Parameters<ChatApi['createRoom']>[0]): Promise<Room> {
    return this.#rooms.add(await this.#options.api.createRoom(body));
  }

  /** The direct room of the user and these people. */
  async openDirect(users: readonly string[]): Promise<string> {
    return this.#rooms.add(await this.#options.api.openDirect(users)).id;
  }

  /** Until the next message. */
  async hideDirect(room: string): Promise<void> {
    await this.#options.api.hideDirect(room);
    this.#rooms.change(room, (entry) => ({ ...entry, hidden: true }));
  }

  async join(room: string): Promise<Room> {
    return this.#rooms.add(await this.#options.api.join(room));
  }

  /** Joins the room that the invitation leads to; its id. */
  async acceptInvite(code: string): Promise<string> {
    return this.#rooms.add(await this.#options.api.acceptInvite(code)).id;
  }

  /** The event that follows says so to everybody, this client included. */
  async changeRole(room: string, user: string, role: Role): Promise<void> {
    await this.#options.api.changeRole(room, user, role);
  }

  async removeMember(room: string, user: string, kind: 'kick' | 'ban', reason: string): Promise<void> {
    await this.#options.api[kind](room, user, reason);
  }

  /** Name, topic, who can find it, whether anybody writes there. */
  async changeRoom(room: string, change: Parameters<ChatApi['updateRoom']>[1]): Promise<void> {
    this.#rooms.add(await this.#options.api.updateRoom(room, change));
  }

  async deleteRoom(room: string): Promise<void> {
    await this.#options.api.deleteRoom(room);
    this.#rooms.remove(room, 'deleted');
  }

  async changeTopic(room: string, topic: string): Promise<void> {
    this.#rooms.add(await this.#options.api.updateRoom(room, { topic }));
  }

  async setLinkCards(room: string, linkCards: boolean): Promise<void> {
    this.#rooms.add(await this.#options.api.updateRoom(room, { linkCards }));
  }

  /** Uploads an avatar; returns the id of its file. */
  uploadAvatar(file: File, onProgress: PictureJob['onProgress'], signal: AbortSignal): Promise<string> {
    return uploadPicture(this.#options.uploadTransport, { file, purpose: 'avatar', room: null, onProgress, signal });
  }

  async changeRoomPicture(room: string, file: File | null, onProgress: PictureJob['onProgress'], signal: AbortSignal): Promise<void> {
    const picture = file && (await uploadPicture(this.#options.uploadTransport, { file, purpose: 'room-picture', room, onProgress, signal }));
    this.#rooms.add(await onceProcessed(() => this.#options.api.updateRoom(room, { picture }), signal));
  }

  /** Removes all cards of the message for everybody; the room's event removes them from the page. */
  async removeLinkCards({ room, id }: Message): Promise<void> {
    await this.#options.api.removeLinkCards(room, id);
  }

  /** The room's events change the page: an edit, a deletion and a reaction are shown once the room has them. */
  async editMessage({ room, id }: Message, text: string): Promise<void> {
    await this.#options.api.editMessage(room, id, text);
  }

  async deleteMessage({ room, id }: Message): Promise<void> {
    await this.#options.api.deleteMessage(room, id);
  }

  async pinMessage({ room, id }: Message, on: boolean): Promise<void> {
    await this.#options.api.pinMessage(room, id, on);
  }

  async setReaction({ room, id }: Message, emoji: string, on: boolean): Promise<void> {
    await this.#options.api.setReaction(room, id, emoji, on);
  }

  async leave(room: string): Promise<void> {
    await this.#options.api.leave(room);
    this.#rooms.remove(room);
  }

  /** From messages and lists, which have people's names as of when they were written: what people are called now comes before that. */
  learnUsers(users: readonly UserRef[]): void {
    this.#keepUsers(users.filter(({ id }) => !this.#named.has(id)));
  }

  /** What people are called now. */
  #nameUsers(users: readonly UserRef[]): void {
    for (const { id } of users) this.#named.add(id);
    this.#keepUsers(users);
  }

  #keepUsers(users: readonly UserRef[]): void {
    const known = this.users.get();
    const news = users.filter(({ id, displayName, username }) => {
      const user = known.get(id);
      return user?.displayName !== displayName || user.username !== username;
    });
    if (news.length > 0) this.users.set(new Map([...known, ...news.map((user) => [user.id, user] as const)]));
  }

  #resume(): Resume | null {
    return this.#epoch === null ? null : { epoch: this.#epoch, user: this.#userSeq, rooms: this.timelines.resume() };
  }

  #onHello(hello: Hello, sentAt: number, receivedAt: number): void {
    this.#options.clock.learn(hello.time, sentAt, receivedAt);
    this.#epoch = hello.epoch;
    this.#userSeq = hello.userSeq;
    this.limits.set({ ...this.limits.get(), ...hello.limits });
    this.reading.onHello();
    this.threads.onHello();
    if (hello.settings) this.settings.learn(hello.settings);
    this.#uncovered = new Set(this.rooms.get().keys());
    for (const room of Object.keys(this.timelines.resume())) this.#uncovered.delete(room);
  }

  #onConnection(): void {
    const state = this.socket.state.get();
    if (state.phase === 'live') {
      this.outbox.flush();
      this.uploads.flush();
    }
    if (state.phase === 'waiting' || state.phase === 'stopped') this.live.connectionLost();
    if (state.phase === 'stopped' && state.reason !== 'unsupported') this.#options.onSessionLost(state.reason);
  }

  #onEvent(event: ServerEvent, useq: number | null): void {
    if (useq !== null && !this.#takeUseq(useq)) return;
    switch (event.ev) {
      case 'room.sync':
        this.timelines.applySync(event.room, event.d);
        return;
      case 'room.reset':
        this.timelines.reset(event.room, event.d.head, event.d.n);
        this.threads.onReset(event.room);
        return;
      case 'room.digest':
        for (const digest of event.d) {
          const local = this.rooms.get().get(digest.room);
          this.#uncovered.delete(digest.room);
          this.timelines.seed(digest.room, digest.head, digest.n);
          this.reading.onDigest(digest);
          this.preferences.learn(digest.room, digest.preferences);
          if (!local) void this.#rooms.fetch(digest.room);
          else if (digest.head > local.countedSeq) this.#rooms.loadSoon(); // a digest says neither the last message nor the topic
        }
        return;
      case 'sync.done':
        this.threads.onSynced();
        this.timelines.checkAll();
        this.live.rewatch();
        this.people.refresh();
        void this.blocks.load();
        this.saved.refresh(this.#opened);
        for (const room of this.#uncovered) void this.#rooms.fetch(room);
        return;
      case 'room.head':
        for (const { room, head, n } of event.d) this.timelines.learn(room, head, n);
        return;
      case 'room.lagged':
        this.timelines.learn(event.room, event.d.head);
        return;
      case 'membership.added':
        this.#rooms.add(event.d.room);
        return;
      case 'membership.removed':
        this.#rooms.remove(event.d.room, event.d.reason);
        return;
      case 'user.changed':
        this.people.learn([event.d]);
        for (const entry of this.rooms.get().values()) {
          if (entry.people.some(({ id }) => id === event.d.id)) this.#rooms.put(withPerson(entry, event.d));
        }
        return;
      case 'user.unknown':
        return;
      case 'user.blocked':
        this.blocks.learn(event.d.user, event.d.on);
        return;
      case 'direct.hidden':
        this.#rooms.change(event.room, (entry) => ({ ...entry, hidden: event.d.hidden }));
        return;
      case 'message.saved':
        this.saved.learn(event.d.message, event.d.on);
        return;
      case 'settings.updated':
        this.settings.learn(event.d);
        return;
      case 'preferences.updated':
        this.preferences.learn(event.room, event.d);
        return;
      case 'read.updated':
        this.reading.onUpdated(event.room, event.d);
        return;
      default:
        if (!this.threads.onEvent(event)) this.live.onEvent(event, this.#me);
    }
  }

  /** False for duplicates. A gap in the user's own stream is closed by a new hello. */
  #takeUseq(useq: number): boolean {
    if (useq <= this.#userSeq) return false;
    const gap = useq > this.#userSeq + 1;
    this.#userSeq = useq;
    if (gap && Date.now() - this.#restartedAt > restartEveryMs) {
      this.#restartedAt = Date.now();
      this.socket.restart();
      return false;
    }
    return true;
  }

  #onDurable(room: string, event: DurableEvent): void {
    if (this.timelines.get(room)) this.timelines.apply(room, [event]);
    else void this.#rooms.fetch(room);
  }

  #onApplied(room: string, events: readonly DurableEvent[], log: RoomLog): void {
    const live = this.socket.live;
    const blocked = this.blocks.users.get();
    const cids = new Set<string>();
    const authors: UserRef[] = [];
    const before = this.rooms.get().get(room);
    let entry = before;
    for (const event of events) {
      if (entry) entry = withEvent(entry, event, this.#me, blocked);
      this.live.onDurable(room, event);
      if (event.kind === 'joined') authors.push(event.user);
      if (event.kind === 'topic') authors.push(event.by);
      if (event.kind === 'reaction') authors.push(event.user);
      if (before && (event.kind === 'deleted' || event.kind === 'edited') && event.n > before.readN) this.#rooms.recount(room);
      if (event.kind !== 'message') continue;
      const { message } = event;
      authors.push(message.author);
      if (message.cid !== null && message.author.id === this.#me) cids.add(message.cid);
      if (live && before && !message.deleted && message.author.id !== this.#me && !blocked.has(message.author.id) && message.n > before.readN && !this.deeds.undo.has('leave', room)) {
        const direct = isDirect(before);
        const named = isMentioned(message, this.#me);
        // A reply in a thread is for those whom it mentions or who follow the thread, and for nobody else.
        if (message.thread && !message.mentions.includes(this.#me) && !this.threads.awaits(message, log.window)) continue;
        const notice = { room, message, direct, mentioned: direct || named || Boolean(message.thread) };
        for (const listener of this.#noticeListeners) runIsolated(listener, notice);
      }
    }
    this.threads.apply(room, events);
    this.pins.apply(room, events);
    this.saved.apply(room, events);
    this.quotes.apply(events);
    this.learnUsers(authors);
    if (entry && entry !== before) this.#rooms.put(entry);
    if (cids.size > 0) this.outbox.confirm(cids);
    this.outbox.reached(room, log.seq);
  }

  /**
   * The reply has everything that the event will have; whichever arrives second is a duplicate by its seq. A message with files, or that may be meant for
   * all, waits for the event instead, and pulls it if it does not arrive: the server decides.
   */
  #onSent(item: OutboxItem, { seq, n, id, ts }: SendReply): void {
    const { room, cid, text, replyTo, thread } = item;
    if (item.files.length > 0 || mayHaveAudience(text)) {
      // Not its n: without the message, the window would count as ending in the past.
      this.timelines.learn(room, seq);
      this.outbox.reached(room, this.timelines.get(room)?.log.seq ?? 0);
      return;
    }
    const author = this.users.get().get(this.#me) ?? this.#options.me;
    const { id: authorId, username, displayName } = author;
    const message: Message = {
      room, seq, n, id, cid, text, ts, replyTo, thread, editedAt: null, deleted: false, files: [], preview: null, reactions: [], mentions: [], audience: null, author: { id: authorId, username, displayName },
    };
    this.timelines.apply(room, [{ kind: 'message', seq, message }]);
    this.outbox.reached(room, this.timelines.get(room)?.log.seq ?? 0);
  }

  #onListed(rooms: readonly Room[]): void {
    for (const room of rooms) this.timelines.seed(room.id, room.head.seq, room.head.n);
    this.learnUsers(rooms.flatMap((room) => (room.lastMessage ? [room.lastMessage.author] : [])));
    this.people.learn(rooms.flatMap(({ people }) => people));
    this.socket.start();
  }

  #onRemoved(room: string, reason: string): void {
    this.timelines.forget(room);
    this.live.forget(room);
    this.pins.forget(room);
    this.threads.forget(room);
    this.saved.forget(room);
    this.outbox.failRoom(room, 'forbidden');
    this.uploads.forgetRoom(room);
    for (const listener of this.#removedListeners) runIsolated(listener, room, reason);
  }
}
