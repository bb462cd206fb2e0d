// A server for front-end work without the real one: docs/protocol.md and docs/rest.md, in memory, one process, no rules of scale.
// `npm run mock` listens on 8080; `npm run dev` proxies to it, and what is in dist/ is served with the production policy.
// Accounts: ana, bruno, carla, … with the password `mock-password`. Faults: POST /mock/{drop|drain|lose|presence-unknown|presence-ok|chatter}.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';

const port = Number(process.env.PORT ?? 8080);
const accessSeconds = Number(process.env.ACCESS_SECONDS ?? 900);
const dist = new URL('../dist/', import.meta.url).pathname;
const epoch = `e_${randomUUID().slice(0, 8)}`;
const users = new Map(); // id → {id, username, displayName, email, password, locale, useq}
const rooms = new Map(); // id → {id, name, topic, visibility, createdAt, events[], messages[], members: Map(user → {role, joinedAt, readN}), cids}
const access = new Map(); // token → {user, session, until}
const refresh = new Map(); // token → {user, session}
const sockets = new Set();
let losing = false;
let presenceKnown = true;

const ref = ({ id, username, displayName }) => ({ id, username, displayName });
const meOf = ({ id, username, displayName, email, locale, createdAt }) => ({ id, username, displayName, email, locale, createdAt });
const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const now = () => new Date().toISOString();

function addUser(username, displayName, email, password, locale = 'en') {
  const user = { id: `u_${users.size + 1}`, username, displayName, email, password, locale, createdAt: now(), useq: 0 };
  users.set(user.id, user);
  return user;
}

function addRoom(name, topic, visibility, by, ts = now()) {
  const room = { id: `r_${rooms.size + 1}`, name, topic, visibility, createdAt: ts, events: [], messages: [], members: new Map(), cids: new Map() };
  rooms.set(room.id, room);
  record(room, 'room.created', { name, topic, visibility, by, ts });
  addMember(room, users.get(by), 'owner', ts);
  return room;
}

function record(room, ev, d) {
  const event = { ev, room: room.id, seq: room.events.length + 1, d };
  room.events.push(event);
  for (const socket of sockets) if (socket.ready && room.members.has(socket.user.id) && !(losing && Math.random() < 0.3)) socket.emit(event);
  clearTimeout(room.beacon);
  room.beacon = setTimeout(() => {
    for (const socket of sockets) if (socket.ready && room.members.has(socket.user.id)) socket.emit({ ev: 'room.head', d: [{ room: room.id, head: room.events.length, n: room.messages.length }] });
  }, 1500);
  return event;
}

function addMember(room, user, role = 'member', ts = now()) {
  if (room.members.has(user.id)) return;
  room.members.set(user.id, { role, joinedAt: ts, readN: room.messages.length });
  record(room, 'member.joined', { user: ref(user), role, ts });
  toUser(user, 'membership.added', { d: { room: roomOf(room, user) } });
  presenceChanged(room, [user.id], []);
}

function removeMember(room, user) {
  if (!room.members.delete(user.id)) return;
  record(room, 'member.left', { user: ref(user), reason: 'left', ts: now() });
  toUser(user, 'membership.removed', { d: { room: room.id, reason: 'left' } });
}

function post(room, user, text, { cid = null, replyTo = null, ts = now() } = {}) {
  const seq = room.events.length + 1;
  const mentions = [...room.members.keys()].filter((id) => new RegExp(`@${users.get(id).username}\\b`, 'i').test(text));
  const body = { id: `${room.id}.${seq}`, n: room.messages.length + 1, cid, author: user.id, authorInfo: ref(user), text, ts, editedAt: null, deleted: false, replyTo, files: [], preview: null, reactions: [], mentions };
  const { author, authorInfo, ...rest } = body;
  room.messages.push({ room: room.id, seq, ...rest, author: authorInfo });
  return record(room, 'message.created', body);
}

const readOf = (room, user) => {
  const { readN } = room.members.get(user.id) ?? { readN: 0 };
  const open = room.messages.slice(readN).filter((message) => message.author.id !== user.id);
  return { n: readN, unread: open.length, mentions: open.filter((message) => message.mentions.includes(user.id)).length };
};

function roomOf(room, user) {
  const membership = room.members.get(user.id);
  const { n, unread, mentions } = readOf(room, user);
  return {
    id: room.id, name: room.name, topic: room.topic, visibility: room.visibility, memberCount: room.members.size, onlineCount: presenceKnown ? onlineIn(room).length : null,
    lastMessage: room.messages.at(-1) ?? null, unread: membership ? unread : 0, mentions: membership ? mentions : 0, joined: membership !== undefined,
    role: membership?.role ?? null, head: { seq: room.events.length, n: room.messages.length }, readN: n, createdAt: room.createdAt,
  };
}

const bots = new Set();
const isOnline = (id) => bots.has(id) || [...sockets].some((socket) => socket.ready && socket.user.id === id);
const onlineIn = (room) => [...room.members.keys()].filter(isOnline);

function presenceChanged(room, joined, left) {
  for (const socket of sockets) {
    if (!socket.watching.has(room.id)) continue;
    socket.emit({ ev: 'presence', room: room.id, d: presenceKnown ? { state: 'ok', joined, left, onlineCount: onlineIn(room).length } : { state: 'unknown', online: [], joined: [], left: [], onlineCount: null } });
  }
}

function toUser(user, ev, rest) {
  user.useq++;
  for (const socket of sockets) if (socket.ready && socket.user.id === user.id) socket.emit({ ev, useq: user.useq, ...rest });
}

// --- REST

class Problem extends Error {
  constructor(status, code, errors) {
    super(code);
    Object.assign(this, { status, code, errors });
  }
}

const routes = [
  ['POST', /^\/api\/auth\/register$/, ({ body }) => {
    const errors = {};
    if (!/^[\w.-]{3,32}$/.test(body.username ?? '')) errors.username = ['3-32 characters'];
    if (!/@/.test(body.email ?? '')) errors.email = ['not an e-mail address'];
    if ((body.password ?? '').length < 8 || body.password === 'password') errors.password = ['too common'];
    if (Object.keys(errors).length > 0) throw new Problem(400, 'invalid', errors);
    for (const user of users.values()) {
      if (user.username.toLowerCase() === body.username.toLowerCase()) throw new Problem(409, 'username_taken');
      if (user.email === body.email) throw new Problem(409, 'email_taken');
    }
    return signIn(addUser(body.username, body.displayName ?? body.username, body.email, body.password, body.locale), 201);
  }],
  ['POST', /^\/api\/auth\/login$/, ({ body }) => {
    const user = [...users.values()].find(({ username, email }) => [username.toLowerCase(), email].includes((body.login ?? '').toLowerCase()));
    if (!user || user.password !== body.password) throw new Problem(401, 'bad_credentials');
    return signIn(user, 200);
  }],
  ['POST', /^\/api\/auth\/refresh$/, ({ cookies }) => {
    const held = refresh.get(cookies.refresh);
    if (!held) throw new Problem(401, 'unauthenticated');
    refresh.delete(cookies.refresh);
    return signIn(held.user, 200, held.session);
  }],
  ['POST', /^\/api\/auth\/logout$/, ({ session }) => {
    for (const tokens of [access, refresh]) for (const [token, held] of tokens) if (held.session === session) tokens.delete(token);
    for (const socket of sockets) if (socket.session === session) socket.close(4501);
    return { status: 204 };
  }, true],
  ['GET', /^\/api\/auth\/me$/, ({ user }) => ({ body: meOf(user) }), true],
  ['PATCH', /^\/api\/auth\/me$/, ({ user, body }) => {
    if (body.displayName !== undefined && body.displayName.trim() === '') throw new Problem(400, 'invalid', { displayName: ['empty'] });
    Object.assign(user, body);
    return { body: meOf(user) };
  }, true],
  ['PUT', /^\/api\/auth\/password$/, ({ user, body }) => {
    if (body.current !== user.password) throw new Problem(403, 'bad_credentials');
    if (body.new.length < 8) throw new Problem(400, 'invalid', { new: ['too short'] });
    user.password = body.new;
    return { status: 204 };
  }, true],
  ['GET', /^\/api\/rooms$/, ({ user, query }) => {
    const joined = query.get('filter') !== 'discover';
    const wanted = fold(query.get('search') ?? '');
    const items = [...rooms.values()]
      .filter((room) => (joined ? room.members.has(user.id) : room.visibility === 'public' && !room.members.has(user.id)))
      .filter((room) => fold(`${room.name} ${room.topic ?? ''}`).includes(wanted))
      .map((room) => roomOf(room, user))
      .sort((a, b) => (joined ? (a.lastMessage?.ts ?? a.createdAt) < (b.lastMessage?.ts ?? b.createdAt) : a.memberCount < b.memberCount) ? 1 : -1);
    return { body: page(items, query) };
  }, true],
  ['POST', /^\/api\/rooms$/, ({ user, body }) => {
    if (!body.name?.trim() || body.name.length > 80) throw new Problem(400, 'invalid', { name: ['1-80 characters'] });
    return { status: 201, body: roomOf(addRoom(body.name.trim(), body.topic ?? null, body.visibility, user.id), user) };
  }, true],
  ['GET', /^\/api\/rooms\/([^/]+)$/, ({ user, room }) => ({ body: roomOf(room, user) }), true],
  ['PATCH', /^\/api\/rooms\/([^/]+)$/, ({ user, room, body }) => {
    if (Object.keys(body).join() !== 'topic' || typeof body.topic !== 'string' || body.topic.length > 250) throw new Problem(400, 'invalid', { topic: ['at most 250 characters'] });
    if (room.members.get(user.id)?.role !== 'owner') throw new Problem(403, 'forbidden');
    if (body.topic.trim() !== room.topic) {
      room.topic = body.topic.trim();
      record(room, 'room.topicChanged', { topic: room.topic, by: ref(user), ts: now() });
    }
    return { body: roomOf(room, user) };
  }, true],
  ['POST', /^\/api\/rooms\/([^/]+)\/join$/, ({ user, room }) => {
    addMember(room, user);
    return { body: roomOf(room, user) };
  }, true],
  ['POST', /^\/api\/rooms\/([^/]+)\/leave$/, ({ user, room }) => {
    removeMember(room, user);
    return { status: 204 };
  }, true],
  ['GET', /^\/api\/rooms\/([^/]+)\/members$/, ({ room, query }) => ({
    body: page([...room.members].map(([id, { role, joinedAt }]) => ({ user: ref(users.get(id)), role, online: presenceKnown ? isOnline(id) : null, joinedAt })), query),
  }), true],
  ['GET', /^\/api\/rooms\/([^/]+)\/messages$/, ({ room, query }) => {
    const limit = Math.min(Number(query.get('limit') ?? 50), 200);
    const all = room.messages;
    let from = all.length - limit;
    if (query.has('before')) from = Number(query.get('before')) - 1 - limit;
    if (query.has('after')) from = Number(query.get('after'));
    if (query.has('around')) from = Number(query.get('around')) - 1 - (limit >> 1);
    const to = query.has('before') ? Number(query.get('before')) - 1 : from + limit;
    return { body: { items: all.slice(Math.max(0, from), Math.max(0, to)), head: { seq: room.events.length, n: all.length } } };
  }, true],
];

function page(items, query) {
  const from = Number(query.get('cursor') ?? 0);
  const limit = Number(query.get('limit') ?? 50);
  return { items: items.slice(from, from + limit), nextCursor: from + limit < items.length ? String(from + limit) : null };
}

function signIn(user, status, session = `s_${randomUUID()}`) {
  const [a, r] = [randomUUID(), randomUUID()];
  access.set(a, { user, session, until: Date.now() + accessSeconds * 1000 });
  refresh.set(r, { user, session });
  const cookie = (name, value) => `${name}=${value}; Path=/; HttpOnly; SameSite=Strict`;
  return { status, body: { user: meOf(user), accessToken: a, expiresIn: accessSeconds }, cookies: [cookie('access', a), cookie('refresh', r)] };
}

const cookiesOf = (request) => Object.fromEntries((request.headers.cookie ?? '').split('; ').map((pair) => pair.split('=')));

function held(request) {
  const found = access.get(cookiesOf(request).access);
  return found && found.until > Date.now() ? found : null;
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const answer = (status, body, headers = {}) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  try {
    let text = '';
    for await (const chunk of request) text += chunk;
    if (url.pathname.startsWith('/mock/')) return answer(200, { done: fault(url.pathname.slice(6), url.searchParams) });
    if (url.pathname === '/health/ready') return answer(200, { status: 'ready' });
    if (!url.pathname.startsWith('/api/')) return await serveFile(url.pathname, response);
    if (request.method !== 'GET' && request.headers['x-akkachat'] !== '1') throw new Problem(403, 'forbidden');
    for (const [method, pattern, handle, guarded] of routes) {
      const match = method === request.method && pattern.exec(url.pathname);
      if (!match) continue;
      const { user, session } = held(request) ?? {};
      if (guarded && !user) throw new Problem(401, 'unauthenticated');
      const room = match[1] && rooms.get(decodeURIComponent(match[1]));
      if (match[1] && (!room || (room.visibility === 'private' && !room.members.has(user.id)))) throw new Problem(404, 'not_found');
      const { status = 200, body, cookies } = handle({ user, session, room, query: url.searchParams, cookies: cookiesOf(request), body: text ? JSON.parse(text) : {} });
      return answer(status, body, cookies ? { 'Set-Cookie': cookies } : {});
    }
    throw new Problem(404, 'not_found');
  } catch (error) {
    const { status = 500, code = 'internal', errors } = error;
    if (status === 500) console.error(error);
    answer(status, { type: 'about:blank', title: code, status, code, errors }, { 'Content-Type': 'application/problem+json' });
  }
});

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

async function serveFile(path, response) {
  const file = normalize(path).replace(/^[./\\]+/, '') || 'index.html';
  const body = await readFile(join(dist, file)).catch(() => readFile(join(dist, 'index.html')));
  response.writeHead(200, {
    'Content-Type': types[extname(file)] ?? 'text/html',
    'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  });
  response.end(body);
}

// --- WebSocket

const webSockets = new WebSocketServer({ server, path: '/ws', handleProtocols: (offered) => (offered.has('akkachat.v1+json') ? 'akkachat.v1+json' : false) });

webSockets.on('connection', (ws, request) => {
  const credentials = held(request);
  const socket = {
    user: credentials?.user, session: credentials?.session, ready: false, watching: new Set(),
    emit: (frame) => ws.send(JSON.stringify(frame)),
    close: (code) => ws.close(code),
  };
  sockets.add(socket);
  ws.on('close', () => {
    sockets.delete(socket);
    if (socket.ready && !isOnline(socket.user.id)) for (const room of rooms.values()) if (room.members.has(socket.user.id)) presenceChanged(room, [], [socket.user.id]);
  });
  ws.on('message', (data) => {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return socket.emit({ re: null, err: { code: 'invalid', message: 'not JSON', retryable: false } });
    }
    const fail = (code, retryable = false) => frame.id && socket.emit({ re: frame.id, err: { code, message: code, retryable } });
    const reply = (d) => frame.id && socket.emit({ re: frame.id, ok: true, d });
    if (!socket.user) return fail('unauthenticated');
    if (!socket.ready && frame.op !== 'hello') return fail('unauthenticated');
    const room = frame.room && rooms.get(frame.room);
    if (frame.room && !room?.members.has(socket.user.id)) return fail('forbidden');
    const handle = operations[frame.op];
    if (handle) handle({ socket, room, d: frame.d ?? {}, reply, fail });
    else fail('invalid');
  });
});

const syncOf = (room, from, limit) => {
  const events = room.events.slice(from, from + limit).map(({ ev, seq, d }) => ({ ev, seq, d }));
  return { from, to: from + events.length, head: room.events.length, events, complete: from + events.length >= room.events.length };
};

const operations = {
  hello({ socket, d, reply }) {
    const { user } = socket;
    const wasOnline = isOnline(user.id);
    reply({ session: socket.session, epoch, user: ref(user), userSeq: user.useq, time: now(), heartbeatMs: 25_000, limits: { frameBytes: 65_536, textBytes: 16_384, sendPerSec: 5, burst: 20 } });
    const resumed = d.resume?.rooms ?? {};
    for (const [id, seq] of Object.entries(resumed)) {
      const room = rooms.get(id);
      if (!room?.members.has(user.id)) socket.emit({ ev: 'membership.removed', d: { room: id, reason: 'left' } });
      else if (d.resume.epoch !== epoch || room.events.length - seq > 1000) {
        socket.emit({ ev: 'room.reset', room: id, d: { head: room.events.length, n: room.messages.length, reason: d.resume.epoch === epoch ? 'gap_too_large' : 'epoch' } });
      } else {
        for (let from = seq, body; !body || !body.complete; from = body.to) socket.emit({ ev: 'room.sync', room: id, d: (body = syncOf(room, from, 200)) });
      }
    }
    const digest = [...rooms.values()].filter((room) => room.members.has(user.id)).map((room) => {
      const { n, unread, mentions } = readOf(room, user);
      return { room: room.id, head: room.events.length, n: room.messages.length, readN: n, unread, mentions };
    });
    for (let i = 0; i < digest.length; i += 100) socket.emit({ ev: 'room.digest', d: digest.slice(i, i + 100) });
    socket.ready = true;
    socket.emit({ ev: 'sync.done' });
    if (!wasOnline) for (const room of rooms.values()) if (room.members.has(user.id)) presenceChanged(room, [user.id], []);
  },
  'message.send'({ socket, room, d, reply, fail }) {
    if (typeof d.text !== 'string' || d.text === '') return fail('invalid');
    if (Buffer.byteLength(d.text) > 16_384) return fail('too_large');
    if (d.text === '/fail') return fail('forbidden');
    const key = `${socket.user.id} ${d.cid}`;
    const known = room.cids.get(key);
    const event = known ?? post(room, socket.user, d.text, d);
    room.cids.set(key, event);
    const { id, n, ts } = event.d;
    reply({ seq: event.seq, n, id, ts, dup: known !== undefined });
  },
  'room.sync': ({ room, d, reply }) => reply(syncOf(room, d.from, 200)),
  'read.set'({ socket, room, d, reply }) {
    const membership = room.members.get(socket.user.id);
    membership.readN = Math.max(membership.readN, Math.min(d.n, room.messages.length));
    const read = readOf(room, socket.user);
    reply(read);
    toUser(socket.user, 'read.updated', { room: room.id, d: read });
  },
  typing: ({ socket, room }) => showTyping(room, socket.user),
  'presence.watch'({ socket, room, reply }) {
    socket.watching.add(room.id);
    reply(presenceKnown ? { state: 'ok', online: onlineIn(room), onlineCount: onlineIn(room).length } : { state: 'unknown', online: [], onlineCount: null });
  },
  'presence.unwatch': ({ socket, room }) => socket.watching.delete(room.id),
  ping: ({ socket }) => socket.emit({ ev: 'pong' }),
};

function showTyping(room, user) {
  for (const socket of sockets) if (socket.ready && room.members.has(socket.user.id) && socket.user !== user) socket.emit({ ev: 'typing', room: room.id, d: { users: [user.id], ttlMs: 6000 } });
}

// --- Faults, and something to look at

let chatter;
function fault(name, query) {
  if (name === 'drop') for (const socket of sockets) socket.close(4000);
  if (name === 'drain') for (const socket of sockets) socket.emit({ ev: 'server.draining', d: { reconnectMs: [500, 3000] } });
  if (name === 'lose') losing = !losing;
  if (name.startsWith('presence-')) {
    presenceKnown = name === 'presence-ok';
    for (const room of rooms.values()) presenceChanged(room, [], []);
  }
  if (name === 'say') post(rooms.get(query.get('room')), users.get(query.get('user')), query.get('text'));
  if (name === 'type') showTyping(rooms.get(query.get('room')), users.get(query.get('user')));
  if (name === 'chatter') {
    if (chatter) chatter = clearInterval(chatter);
    else chatter = setInterval(() => {
      const all = [...rooms.values()];
      const room = all[Math.floor(Math.random() * all.length)];
      const members = [...room.members.keys()].filter((id) => bots.has(id));
      const user = users.get(members[Math.floor(Math.random() * members.length)]);
      if (user) post(room, user, lines[Math.floor(Math.random() * lines.length)]);
    }, Number(query.get('ms') ?? 2000));
  }
  return name;
}

const lines = [
  'Morning! Has anyone seen the numbers of last night’s run?',
  'Yes: **p99 at 41 ms**, three times better than before the batching change.',
  'Nice 🎉',
  'I’d still like to understand the outlier at 03:12. It looks like the pool was exhausted for a second or two, and everything behind it queued.',
  'Could be the snapshot. Let me look at `journal.batch-size` again.',
  'Here is what I see:\n```\n03:12:04 WARN  pool 20/20 in use, waiting 1.8 s\n03:12:06 INFO  snapshot r_118 saved\n```',
  'So two things at once:\n- the snapshot\n- forty rooms waking up',
  'Vou abrir uma tarefa para isso e volto com uma proposta depois do almoço.',
  'Perfeito, obrigada!',
  'The write-up is at https://example.org/notes/pool-exhaustion if you want the long version.',
  'Ok.',
  '> two things at once\n\nThat would explain the shape of it, yes.',
];

const people = ['Ana Souza', 'Bruno Lima', 'Carla Mendes', 'Diego Rocha', 'Elena Petrova', 'Farid Haddad', 'Grace Okafor', 'Hiro Tanaka', 'Ines Costa', 'Jonas Weber'];
const [ana, ...others] = people.map((name) => addUser(name.split(' ')[0].toLowerCase(), name, `${name.split(' ')[0].toLowerCase()}@example.org`, 'mock-password'));
for (const { id } of others.slice(0, 6)) bots.add(id);
const samples = [
  ['general', 'Everything that concerns everyone', 'public', 10, 60], ['platform', 'Akka, PostgreSQL and the machines below', 'public', 8, 400],
  ['design', 'Pixels, words, and the space between', 'public', 5, 24], ['leads', null, 'private', 4, 12], ['Café ☕', 'Conversas fora do trabalho', 'public', 7, 30],
];
for (const [name, topic, visibility, size, count] of samples) {
  const start = Date.now() - count * 9 * 60_000;
  const room = addRoom(name, topic, visibility, others[0].id, new Date(start - 86_400_000).toISOString());
  for (const user of [...others.slice(1, size - 1), ana]) addMember(room, user, 'member', new Date(start - 80_000_000).toISOString());
  for (let i = 0; i < count; i++) {
    const author = [...room.members.keys()][(i * 7 + (i >> 2)) % room.members.size];
    const ts = new Date(start + i * 9 * 60_000 - (i % 3) * 8 * 60_000).toISOString();
    post(room, users.get(author), i === count - 2 && name === 'design' ? 'What do you think, @ana?' : lines[i % lines.length], { ts, cid: randomUUID(), replyTo: i % 9 === 8 ? room.messages.at(-3).id : null });
  }
  room.members.get(ana.id).readN = Math.max(0, room.messages.length - { general: 0, platform: 6, design: 3, leads: 0 }[name] || 0);
  if (name === 'general' || name === 'leads' || name.startsWith('Caf')) room.members.get(ana.id).readN = room.messages.length;
}
const big = addRoom('Big room', '100,000 messages', 'public', others[0].id);
addMember(big, ana);
for (let i = 0; i < 100_000; i++) post(big, others[i % 3], `${i + 1}: ${lines[i % lines.length]}`, { ts: new Date(Date.now() - (100_000 - i) * 60_000).toISOString() });
big.members.get(ana.id).readN = big.messages.length;
for (const [name, topic] of [['random', 'Whatever comes to mind'], ['help', 'Questions, answered kindly'], ['Música', 'O que estamos ouvindo'], ['releases', 'What went out, and when']]) addRoom(name, topic, 'public', others[1].id);

server.listen(port, () => console.log(`The mock server listens on http://localhost:${port}`));
