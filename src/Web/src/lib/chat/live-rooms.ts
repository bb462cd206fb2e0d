import type { ChatApi } from '@/lib/api/chat-api';
import type { Member, UserRef } from '@/lib/api/schemas';
import { replies, type DurableEvent, type ServerEvent } from '@/lib/socket/frames';
import type { SocketClient } from '@/lib/socket/socket-client';
import { Store, withEntry } from '@/lib/store';

export interface Presence {
  readonly state: 'ok' | 'unknown';
  /** Null in rooms of more than 500 members, and while unknown. */
  readonly online: ReadonlySet<string> | null;
  readonly count: number | null;
}

export interface MemberList {
  readonly items: readonly Member[];
  readonly nextCursor: string | null;
  readonly status: 'loading' | 'ready' | 'error';
}

const typingEveryMs = 2_000;

/** The ephemeral state of the rooms in view: who is online, who is typing, who is a member. */
export class LiveRooms {
  readonly presence = new Store<ReadonlyMap<string, Presence>>(new Map());
  /** Per room, the users typing. */
  readonly typing = new Store<ReadonlyMap<string, readonly string[]>>(new Map());
  readonly members = new Store<ReadonlyMap<string, MemberList>>(new Map());

  readonly #api: ChatApi;
  readonly #socket: SocketClient;
  /** How many parts of the page want to know who of a room is online. */
  readonly #watched = new Map<string, number>();
  readonly #typingUntil = new Map<string, Map<string, number>>();
  readonly #typedAt = new Map<string, number>();
  #typingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: ChatApi, socket: SocketClient) {
    this.#api = api;
    this.#socket = socket;
  }

  watch(room: string): void {
    const watchers = this.#watched.get(room) ?? 0;
    this.#watched.set(room, watchers + 1);
    if (watchers === 0 && this.#socket.live) void this.#ask(room);
  }

  unwatch(room: string): void {
    const watchers = this.#watched.get(room) ?? 0;
    if (watchers > 1) this.#watched.set(room, watchers - 1);
    if (watchers !== 1 || !this.#watched.delete(room)) return;
    this.#socket.notify('presence.unwatch', room);
    this.presence.update((map) => withEntry(map, room, undefined));
  }

  /** After a new hello the server has no presence watches of this connection. */
  rewatch(): void {
    for (const room of this.#watched.keys()) {
      void this.#ask(room);
      if (this.members.get().has(room)) void this.loadMembers(room);
    }
  }

  connectionLost(): void {
    this.presence.update((map) => new Map([...map.keys()].map((room) => [room, unknown])));
    this.#typingUntil.clear();
    this.#publishTyping();
  }

  typed(room: string): void {
    const now = Date.now();
    if (now - (this.#typedAt.get(room) ?? 0) < typingEveryMs) return;
    this.#typedAt.set(room, now);
    this.#socket.notify('typing', room);
  }

  /** A message ends typing for its readers: the next keystroke is reported again. */
  sent(room: string): void {
    this.#typedAt.delete(room);
  }

  onEvent(event: ServerEvent, me: string): void {
    if (event.ev === 'presence') this.#onPresence(event.room, event.d);
    if (event.ev === 'typing') {
      const until = Date.now() + event.d.ttlMs;
      this.#typingUntil.set(event.room, new Map(event.d.users.filter((user) => user !== me).map((user) => [user, until])));
      this.#publishTyping();
    }
  }

  onDurable(room: string, event: DurableEvent): void {
    if (event.kind === 'message' && this.#typingUntil.get(room)?.delete(event.message.author.id)) this.#publishTyping();
    const list = this.members.get().get(room);
    if (list && event.kind === 'role') {
      const items = list.items.map((member) => (member.user.id === event.user.id ? { ...member, role: event.role } : member));
      this.members.update((map) => withEntry(map, room, { ...list, items }));
    }
    if (!list || (event.kind !== 'joined' && event.kind !== 'left')) return;
    const others = list.items.filter((member) => member.user.id !== event.user.id);
    const items = event.kind === 'left' ? others : [...others, { user: event.user, role: event.role, online: null, joinedAt: null }];
    this.members.update((map) => withEntry(map, room, { ...list, items }));
  }

  forget(room: string): void {
    this.#watched.delete(room);
    this.#typingUntil.delete(room);
    this.presence.update((map) => withEntry(map, room, undefined));
    this.members.update((map) => withEntry(map, room, undefined));
  }

  async loadMembers(room: string, cursor?: string): Promise<readonly UserRef[]> {
    const before = this.members.get().get(room);
    this.members.update((map) => withEntry(map, room, { items: before?.items ?? [], nextCursor: before?.nextCursor ?? null, status: before?.items.length ? 'ready' : 'loading' }));
    try {
      const page = await this.#api.members(room, cursor);
      const kept = cursor === undefined ? [] : (before?.items ?? []);
      const fresh = new Set(page.items.map((member) => member.user.id));
      const items = [...kept.filter((member) => !fresh.has(member.user.id)), ...page.items];
      this.members.update((map) => withEntry(map, room, { items, nextCursor: page.nextCursor, status: 'ready' }));
      return page.items.map((member) => member.user);
    } catch {
      this.members.update((map) => withEntry(map, room, { items: before?.items ?? [], nextCursor: null, status: before?.items.length ? 'ready' : 'error' }));
      return [];
    }
  }

  stop(): void {
    clearTimeout(this.#typingTimer);
  }

  async #ask(room: string): Promise<void> {
    try {
      const { state, online, onlineCount } = await this.#socket.request(replies.watch, 'presence.watch', room);
      if (this.#watched.has(room)) this.#setPresence(room, state, online && new Set(online), onlineCount);
    } catch {
      if (this.#watched.has(room)) this.presence.update((map) => withEntry(map, room, unknown));
    }
  }

  #onPresence(room: string, d: Extract<ServerEvent, { ev: 'presence' }>['d']): void {
    if (!this.#watched.has(room)) return;
    let online = d.online ? new Set(d.online) : null;
    const known = this.presence.get().get(room)?.online;
    if (!online && known && (d.joined ?? d.left)) {
      online = new Set(known);
      for (const user of d.joined ?? []) online.add(user);
      for (const user of d.left ?? []) online.delete(user);
    }
    this.#setPresence(room, d.state, online, d.onlineCount);
  }

  #setPresence(room: string, state: Presence['state'], online: ReadonlySet<string> | null, count: number | null): void {
    this.presence.update((map) => withEntry(map, room, state === 'ok' ? { state, online, count: count ?? online?.size ?? null } : unknown));
  }

  #publishTyping(): void {
    const now = Date.now();
    let next = Infinity;
    const rooms = new Map<string, readonly string[]>();
    for (const [room, users] of this.#typingUntil) {
      for (const [user, until] of users) {
        if (until <= now) users.delete(user);
        else next = Math.min(next, until);
      }
      if (users.size > 0) rooms.set(room, [...users.keys()]);
    }
    this.typing.set(rooms);
    clearTimeout(this.#typingTimer);
    if (next < Infinity) this.#typingTimer = setTimeout(() => this.#publishTyping(), next - now + 10);
  }
}

const unknown: Presence = { state: 'unknown', online: null, count: null };
