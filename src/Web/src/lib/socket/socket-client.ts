import * as v from 'valibot';
import { Store } from '@/lib/store';
import { backoffDelay } from './backoff';
import { parseFrame, replies, reportToConsole, type DurableEvent, type Hello, type Report, type ServerEvent } from './frames';

export const subprotocol = 'akkachat.v1+json';

export type ConnectionState =
  | { readonly phase: 'idle' }
  /** `first` until the first hello of this client has been answered. */
  | { readonly phase: 'connecting'; readonly first: boolean }
  /** Hello is sent; the missed events are on their way. */
  | { readonly phase: 'syncing'; readonly first: boolean }
  | { readonly phase: 'live' }
  /** `retryAt` is a local time in milliseconds. */
  | { readonly phase: 'waiting'; readonly retryAt: number; readonly first: boolean }
  | { readonly phase: 'stopped'; readonly reason: 'unauthenticated' | 'ended' | 'unsupported' };

export interface Resume {
  readonly epoch: string;
  readonly user: number;
  readonly rooms: Readonly<Record<string, number>>;
}

/** What the client needs of a WebSocket: a test hands in a scripted one. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

export type RefreshOutcome = 'ok' | 'denied' | 'unreachable';

export interface SocketOptions {
  readonly device: string;
  readonly client: string;
  readonly open: () => SocketLike;
  /** Renews the session's cookies. */
  readonly refresh: () => Promise<RefreshOutcome>;
  /** Read at each hello; null starts without resume. */
  readonly resume: () => Resume | null;
  readonly onHello: (hello: Hello, sentAt: number, receivedAt: number) => void;
  readonly onEvent: (event: ServerEvent, useq: number | null) => void;
  readonly onDurable: (room: string, event: DurableEvent) => void;
  readonly random?: () => number;
  readonly report?: Report;
}

export class RequestError extends Error {
  override readonly name = 'RequestError';

  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;

  constructor(code: string, retryable: boolean, retryAfterMs: number | null, message: string = code) {
    super(message);
    this.code = code;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}

type TimerName = 'reconnect' | 'drain' | 'beat' | 'watchdog' | 'hello';

interface Waiting {
  readonly resolve: (d: unknown) => void;
  readonly reject: (error: RequestError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

const closeCodes = { internal: 4000, unauthenticated: 4401, silent: 4409, unsupported: 4500, ended: 4501 } as const;
const helloTimeoutMs = 10_000;
const requestTimeoutMs = 10_000;
/** After this long a connection has proved itself, and the next back-off starts anew. */
const stableAfterMs = 10_000;
/** How soon a client whose draining server has closed is to be elsewhere. */
const movedWithinMs = 500;
const probeTimeoutMs = 5_000;
const watchdogGraceMs = 10_000;

/**
 * One connection to the server, kept up: handshake, hello, heartbeat, back-off, requests and their replies. It knows nothing of rooms:
 * what arrives is handed on in the order of the frames.
 */
export class SocketClient {
  readonly state = new Store<ConnectionState>({ phase: 'idle' });

  readonly #options: SocketOptions;
  readonly #random: () => number;
  readonly #report: Report;
  readonly #waiting = new Map<string, Waiting>();
  #socket: SocketLike | null = null;
  #nextId = 1;
  #attempt = 0;
  #authAttempts = 0;
  #first = true;
  #liveSince: number | null = null;
  #heartbeatMs = 25_000;
  #draining = false;
  readonly #timers: Record<TimerName, ReturnType<typeof setTimeout> | undefined> = {
    reconnect: undefined,
    drain: undefined,
    beat: undefined,
    watchdog: undefined,
    hello: undefined,
  };

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#report = options.report ?? reportToConsole;
  }

  get live(): boolean {
    return this.state.get().phase === 'live';
  }

  start(): void {
    const { phase } = this.state.get();
    if (phase === 'idle' || phase === 'stopped') this.#connect();
  }

  /** Ends for good, with a close the server understands as a goodbye. */
  stop(): void {
    this.#tearDown(1000);
    this.state.set({ phase: 'idle' });
  }

  retryNow(): void {
    if (this.state.get().phase !== 'waiting') return;
    this.#connect();
  }

  /** A new hello on a new connection, at once: the picture this client has is not to be trusted. */
  restart(): void {
    const { phase } = this.state.get();
    if (phase === 'idle' || phase === 'stopped') return;
    this.#tearDown(1000);
    this.#connect();
  }

  /** After sleep or a change of network: finds out soon whether the connection is still alive. */
  probe(): void {
    if (this.state.get().phase === 'waiting') this.retryNow();
    else if (this.live) this.#ping(probeTimeoutMs);
  }

  /** The device says that it has no network: nothing more will come, and waiting for the heartbeat to tell would take long. */
  lost(): void {
    if (this.#socket) this.#dropped(this.#socket, closeCodes.silent);
  }

  /** Sends without asking for a reply; lost where there is no connection. */
  notify(op: string, room?: string, d?: unknown): void {
    if (this.live) this.#write({ op, room, d });
  }

  async request<S extends v.GenericSchema>(schema: S, op: string, room?: string, d?: unknown): Promise<v.InferOutput<S>> {
    if (!this.live && this.state.get().phase !== 'syncing') throw new RequestError('disconnected', true, null);
    const answer = await this.#ask(op, room, d);
    const parsed = v.safeParse(schema, answer);
    if (parsed.success) return parsed.output;
    this.#report(`a malformed reply to ${op} was ignored`, answer);
    throw new RequestError('malformed', true, null);
  }

  #ask(op: string, room?: string, d?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => this.#post(op, room, d, resolve, reject));
  }

  #post(op: string, room: string | undefined, d: unknown, resolve: Waiting['resolve'], reject: Waiting['reject']): void {
    const id = String(this.#nextId++);
    const timer = setTimeout(() => {
      this.#waiting.delete(id);
      reject(new RequestError('timeout', true, null));
    }, requestTimeoutMs);
    this.#waiting.set(id, { resolve, reject, timer });
    this.#write({ id, op, room, d });
  }

  #write(frame: object): void {
    try {
      this.#socket?.send(JSON.stringify(frame));
    } catch (error) {
      this.#report('a frame could not be sent', error);
    }
  }

  #connect(): void {
    this.#clear('reconnect');
    this.state.set({ phase: 'connecting', first: this.#first });
    let socket: SocketLike;
    try {
      socket = this.#options.open();
    } catch (error) {
      this.#report('no WebSocket could be opened', error);
      this.#retryIn(backoffDelay(this.#attempt++, this.#random));
      return;
    }
    this.#socket = socket;
    this.#timers.hello = setTimeout(() => this.#dropped(socket, closeCodes.silent), helloTimeoutMs);
    socket.onopen = () => this.#hello(socket);
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#receive(data);
    };
    socket.onclose = ({ code }) => this.#dropped(socket, code);
  }

  #hello(socket: SocketLike): void {
    if (this.#socket !== socket) return;
    const { device, client, onHello } = this.#options;
    const resume = this.#options.resume();
    const sentAt = Date.now();
    // Settled within the frame that brings it, not a microtask later: the events right behind it must find it done.
    const done = (d: unknown) => {
      const hello = v.safeParse(replies.hello, d);
      if (!hello.success) {
        this.#report('a malformed reply to hello was ignored', d);
        this.#dropped(socket, closeCodes.internal);
        return;
      }
      this.#clear('hello');
      this.#authAttempts = 0;
      this.state.set({ phase: 'syncing', first: this.#first });
      this.#startHeartbeat(hello.output.heartbeatMs);
      onHello(hello.output, sentAt, Date.now());
    };
    const failed = ({ code }: RequestError) => {
      if (code === 'unauthenticated') this.#dropped(socket, closeCodes.unauthenticated);
      else if (code === 'unsupported_version') this.#dropped(socket, closeCodes.unsupported);
      else if (code !== 'disconnected') this.#dropped(socket, closeCodes.internal);
    };
    this.#post('hello', undefined, { device, client, ...(resume ? { resume } : {}) }, done, failed);
  }

  #receive(data: unknown): void {
    this.#clear('watchdog');
    const frame = parseFrame(data, this.#report);
    if (!frame) return;
    switch (frame.type) {
      case 'reply':
        this.#take(frame.re)?.resolve(frame.d);
        return;
      case 'error': {
        const { code, retryable, retryAfterMs, message } = frame.err;
        this.#take(frame.re)?.reject(new RequestError(code, retryable, retryAfterMs, message ?? code));
        return;
      }
      case 'durable':
        this.#options.onDurable(frame.room, frame.event);
        return;
      case 'event':
        this.#event(frame.event, frame.useq);
    }
  }

  #take(re: string | null): Waiting | undefined {
    const waiting = re === null ? undefined : this.#waiting.get(re);
    if (!waiting || re === null) return undefined;
    this.#waiting.delete(re);
    clearTimeout(waiting.timer);
    return waiting;
  }

  #event(event: ServerEvent, useq: number | null): void {
    switch (event.ev) {
      case 'pong':
        return;
      case 'server.draining':
        this.#drainSoon(event.d.reconnectMs);
        return;
      case 'sync.done':
        this.#first = false;
        this.#liveSince = Date.now();
        this.state.set({ phase: 'live' });
        this.#options.onEvent(event, useq);
        return;
      default:
        this.#options.onEvent(event, useq);
    }
  }

  /** The connection still works: it is kept until the moment, random within the server's slice, at which this client moves. */
  #drainSoon([from, to]: readonly [number, number]): void {
    if (this.#draining) return;
    const delay = from + this.#random() * Math.max(0, to - from);
    this.#draining = true;
    this.#timers.drain = setTimeout(() => this.restart(), delay);
  }

  #dropped(socket: SocketLike, code: number): void {
    if (this.#socket !== socket) return;
    const stable = this.#liveSince !== null && Date.now() - this.#liveSince >= stableAfterMs;
    const drained = this.#draining;
    this.#tearDown(code === closeCodes.silent ? closeCodes.silent : 1000);
    if (stable) this.#attempt = 0;
    if (code >= 4500 && code < 5000) {
      this.state.set({ phase: 'stopped', reason: code === closeCodes.ended ? 'ended' : 'unsupported' });
    } else if (code === closeCodes.unauthenticated) {
      void this.#renew();
    } else {
      // A draining server spreads its closes itself: nobody need be away for longer than that.
      this.#retryIn(drained ? this.#random() * movedWithinMs : backoffDelay(this.#attempt++, this.#random));
    }
  }

  async #renew(): Promise<void> {
    const again = this.#authAttempts++ > 0;
    this.state.set({ phase: 'connecting', first: this.#first });
    const outcome = await this.#options.refresh();
    if (this.#socket || this.state.get().phase !== 'connecting') return; // stopped or restarted meanwhile
    if (outcome === 'denied') this.state.set({ phase: 'stopped', reason: 'unauthenticated' });
    else if (outcome === 'ok' && !again) this.#connect();
    else this.#retryIn(backoffDelay(this.#attempt++, this.#random));
  }

  #retryIn(ms: number): void {
    this.state.set({ phase: 'waiting', retryAt: Date.now() + ms, first: this.#first });
    this.#timers.reconnect = setTimeout(() => this.#connect(), ms);
  }

  #startHeartbeat(intervalMs: number): void {
    this.#heartbeatMs = intervalMs;
    const beat = (): void => {
      this.#ping(this.#heartbeatMs + watchdogGraceMs);
      this.#timers.beat = setTimeout(beat, this.#heartbeatMs);
    };
    this.#timers.beat = setTimeout(beat, this.#random() * intervalMs);
  }

  /** Anything the server says stops the watchdog; its silence ends the connection. */
  #ping(patienceMs: number): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#write({ op: 'ping' });
    if (this.#timers.watchdog !== undefined && patienceMs !== probeTimeoutMs) return;
    this.#clear('watchdog');
    this.#timers.watchdog = setTimeout(() => this.#dropped(socket, closeCodes.silent), patienceMs);
  }

  #tearDown(code: number): void {
    for (const name of ['reconnect', 'drain', 'beat', 'watchdog', 'hello'] as const) this.#clear(name);
    this.#draining = false;
    this.#liveSince = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      try {
        socket.close(code);
      } catch (error) {
        this.#report('a WebSocket could not be closed', error);
      }
    }
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject, timer } of waiting) {
      clearTimeout(timer);
      reject(new RequestError('disconnected', true, null));
    }
  }

  #clear(name: TimerName): void {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = undefined;
  }
}
