import * as v from 'valibot';
import * as a from './admin-schemas';
import type { Http } from './http';
import * as s from './schemas';

const nothing = v.any();
const pageSize = 50;

export interface NewRoom {
  readonly name: string;
  readonly topic?: string;
  readonly visibility: 'public' | 'private';
}

export interface RoomChange {
  readonly name?: string;
  readonly topic?: string;
  readonly visibility?: 'public' | 'private';
  readonly archived?: boolean;
  readonly linkCards?: boolean;
  readonly picture?: string | null;
}

/** One method per row of docs/rest.md. */
export class ChatApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  register = (body: { username: string; email: string; password: string; locale: string }) =>
    this.#http.send(s.session, 'POST', '/api/auth/register', body);

  login = (body: { login: string; password: string }) => this.#http.send(s.session, 'POST', '/api/auth/login', body);

  logout = () => this.#http.send(nothing, 'POST', '/api/auth/logout');

  me = () => this.#http.get(s.me, '/api/auth/me');

  updateMe = (body: { displayName?: string; locale?: string; avatar?: string | null; status?: s.Status | null }) => this.#http.send(s.me, 'PATCH', '/api/auth/me', body);

  /** At most 100. */
  people = (ids: readonly string[]) => this.#http.get(s.listOf(s.person), '/api/users', { ids: ids.join(',') });

  searchPeople = (search: string, cursor?: string) => this.#http.get(s.listOf(s.person), '/api/users', { search, cursor });

  /** With the user's role in the room, if one is named. */
  profile = (id: string, room?: string) => this.#http.get(s.profile, userPath(id), { room });

  block = (id: string, on: boolean) => this.#http.send(nothing, on ? 'PUT' : 'DELETE', `${userPath(id)}/block`);

  blocks = () => this.#http.get(s.listOf(s.person), '/api/blocks');

  openDirect = (userIds: readonly string[]) => this.#http.send(s.room, 'POST', '/api/direct', { userIds });

  hideDirect = (id: string) => this.#http.send(nothing, 'POST', `${path(id)}/hide`);

  changePassword = (current: string, next: string) => this.#http.send(nothing, 'PUT', '/api/auth/password', { current, new: next });

  changeSettings = (change: Partial<Omit<s.Settings, 'push'>>) => this.#http.send(s.settings, 'PATCH', '/api/settings', change);

  pushKey = () => this.#http.get(v.object({ publicKey: v.string() }), '/api/push/key');

  subscribePush = (subscription: PushSubscriptionJSON) => this.#http.send(v.object({ id: v.string() }), 'POST', '/api/push/subscriptions', subscription);

  unsubscribePush = (id: string) => this.#http.send(nothing, 'DELETE', `/api/push/subscriptions/${encodeURIComponent(id)}`);

  /** Whether the user looks at this device. */
  setActive = (active: boolean) => this.#http.send(nothing, 'PUT', '/api/push/activity', { active });

  rooms = (filter: 'joined' | 'discover', search?: string, cursor?: string) =>
    this.#http.get(s.listOf(s.room), '/api/rooms', { filter, search, cursor, limit: filter === 'joined' ? 100 : 30 });

  room = (id: string) => this.#http.get(s.room, path(id));

  createRoom = (body: NewRoom) => this.#http.send(s.room, 'POST', '/api/rooms', body);

  updateRoom = (id: string, body: RoomChange) => this.#http.send(s.room, 'PATCH', path(id), body);

  deleteRoom = (id: string) => this.#http.send(nothing, 'DELETE', path(id));

  bans = (id: string, cursor?: string) => this.#http.get(s.listOf(s.ban), `${path(id)}/bans`, { cursor });

  unban = (id: string, userId: string) => this.#http.send(nothing, 'POST', `${path(id)}/unban`, { userId });

  audit = (id: string, cursor?: string) => this.#http.get(s.listOf(s.auditEntry), `${path(id)}/audit`, { cursor });

  changePreferences = (id: string, change: Partial<s.Preferences>) => this.#http.send(s.preferences, 'PUT', `${path(id)}/preferences`, change);

  join = (id: string) => this.#http.send(s.room, 'POST', `${path(id)}/join`);

  leave = (id: string, keepalive = false) => this.#http.send(nothing, 'POST', `${path(id)}/leave`, undefined, {}, keepalive);

  members = (id: string, cursor?: string) => this.#http.get(s.listOf(s.member), `${path(id)}/members`, { cursor, limit: 100 });

  kick = (id: string, userId: string, reason: string) => this.#http.send(nothing, 'POST', `${path(id)}/kick`, { userId, reason });

  ban = (id: string, userId: string, reason: string) => this.#http.send(nothing, 'POST', `${path(id)}/ban`, { userId, reason });

  changeRole = (id: string, userId: string, role: string) =>
    this.#http.send(nothing, 'PUT', `${path(id)}/members/${encodeURIComponent(userId)}/role`, { role });

  invites = (id: string) => this.#http.get(s.listOf(s.invite), `${path(id)}/invites`);

  createInvite = (id: string, body: { expiresIn: number; maxUses?: number }) => this.#http.send(s.invite, 'POST', `${path(id)}/invites`, body);

  revokeInvite = (id: string, code: string) => this.#http.send(nothing, 'DELETE', `${path(id)}/invites/${encodeURIComponent(code)}`);

  invitedRoom = (code: string) => this.#http.get(s.invitedRoom, `/api/invites/${encodeURIComponent(code)}`);

  acceptInvite = (code: string) => this.#http.send(s.room, 'POST', `/api/invites/${encodeURIComponent(code)}/accept`);

  messages = (id: string, at: { before?: number; after?: number; around?: number; limit?: number } = {}) =>
    this.#http.get(s.messagePage, `${path(id)}/messages`, { limit: pageSize, ...at });

  message = (room: string, id: string) => this.#http.get(s.message, messagePath(room, id));

  editMessage = (room: string, id: string, text: string) => this.#http.send(s.message, 'PATCH', messagePath(room, id), { text });

  /** `keepalive`: it is to arrive although the page goes away. */
  deleteMessage = (room: string, id: string, keepalive = false) => this.#http.send(nothing, 'DELETE', messagePath(room, id), undefined, {}, keepalive);

  saved = (cursor?: string) => this.#http.get(s.listOf(s.savedMessage), '/api/saved', { cursor });

  savedIds = (room: string) => this.#http.get(s.listOf(v.string()), `${path(room)}/saved`);

  saveMessage = (room: string, id: string, on: boolean, keepalive = false) =>
    this.#http.send(nothing, on ? 'PUT' : 'DELETE', `${messagePath(room, id)}/saved`, undefined, {}, keepalive);

  setReaction = (room: string, id: string, emoji: string, on: boolean) =>
    this.#http.send(nothing, on ? 'PUT' : 'DELETE', `${messagePath(room, id)}/reactions/${encodeURIComponent(emoji)}`);

  pinMessage = (room: string, id: string, on: boolean) => this.#http.send(nothing, on ? 'PUT' : 'DELETE', `${messagePath(room, id)}/pin`);

  pins = (room: string) => this.#http.get(s.listOf(s.message), `${path(room)}/pins`);

  /** Days begin where the user is. */
  search = (q: string, cursor?: string) =>
    this.#http.get(s.listOf(s.messageHit), '/api/search', { q, cursor, utcOffset: -new Date().getTimezoneOffset() });

  removeLinkCards = (room: string, message: string) =>
    this.#http.send(nothing, 'DELETE', `${messagePath(room, message)}/preview`);

  /** Of the installation, for its owners; the same for the next ones. */
  nodes = () => this.#http.get(s.listOf(a.node), '/api/admin/nodes');

  shards = () => this.#http.get(s.listOf(a.shard), '/api/admin/shards');

  allRooms = (search: string) => this.#http.get(s.listOf(a.adminRoom), '/api/admin/rooms', { search, limit: 100 });

  sockets = () => this.#http.get(s.listOf(a.adminSocket), '/api/admin/sockets', { limit: 200 });

  work = (state: a.WorkState | undefined, cursor?: string) => this.#http.get(a.workPage, '/api/admin/work', { state, cursor });

  retryWork = (id: string) => this.#http.send(nothing, 'POST', `/api/admin/work/${encodeURIComponent(id)}/retry`);

  dropWork = (id: string) => this.#http.send(nothing, 'DELETE', `/api/admin/work/${encodeURIComponent(id)}`);

  history = () => this.#http.get(a.history, '/api/admin/history');

  /** Uploads use a tus client of their own; deleting one is an ordinary request. */
  deleteUpload = (id: string) => this.#http.send(nothing, 'DELETE', `/api/uploads/${encodeURIComponent(id)}`, undefined, { 'Tus-Resumable': '1.0.0' });
}

const path = (id: string) => `/api/rooms/${encodeURIComponent(id)}`;

const userPath = (id: string) => `/api/users/${encodeURIComponent(id)}`;

const messagePath = (room: string, message: string) => `${path(room)}/messages/${encodeURIComponent(message)}`;
