import { ChatApi } from '@/lib/api/chat-api';
import { ApiError, Http } from '@/lib/api/http';
import type { Me, Status } from '@/lib/api/schemas';
import { createRefresh, needsRefresh, noteLifetime } from '@/lib/api/session-refresh';
import { ChatClient } from '@/lib/chat/chat-client';
import { memoryOutboxDb, openOutboxDb, type OutboxDb } from '@/lib/chat/outbox-db';
import { forgetDrafts } from '@/lib/drafts';
import { fallbackLocale, localeIsChosen, pickLocale, setLocale, translator } from '@/lib/i18n/i18n';
import { ServerClock } from '@/lib/server-clock';
import { subprotocol, type SocketLike } from '@/lib/socket/socket-client';
import { backoffDelay } from '@/lib/socket/backoff';
import { onceProcessed } from '@/lib/uploads/picture-upload';
import { lazyTransport } from '@/lib/uploads/upload-transport';
import { Store } from '@/lib/store';

export type SessionState =
  | { readonly status: 'starting' }
  | { readonly status: 'unreachable' }
  /** `ended` where the user had been signed in and did not sign out. */
  | { readonly status: 'signed-out'; readonly ended: boolean }
  | { readonly status: 'signed-in'; readonly me: Me; readonly client: ChatClient };

/** Says that cookies are likely there. They are HttpOnly: without this mark every first visit would begin with a refused request. */
const markKey = 'akkachat.session';
const deviceKey = 'akkachat.device';

/** Who is signed in on this page, and their chat. */
export class Session {
  readonly state = new Store<SessionState>({ status: 'starting' });
  readonly api: ChatApi;

  readonly #refresh = createRefresh();
  readonly #db: OutboxDb = 'indexedDB' in globalThis ? openOutboxDb() : memoryOutboxDb();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;

  constructor() {
    const renew = async () => {
      const outcome = await this.#refresh();
      if (outcome === 'unreachable') throw new ApiError(0, 'offline');
      return outcome === 'ok';
    };
    this.api = new ChatApi(new Http({ renew, expired: needsRefresh, onSessionLost: () => this.#lost(this.state.get().status === 'signed-in') }));
  }

  async start(): Promise<void> {
    clearTimeout(this.#retry);
    if (localStorage.getItem(markKey) === null) {
      this.state.set({ status: 'signed-out', ended: false });
      return;
    }
    try {
      this.#signedIn(await this.api.me());
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        this.#lost(true);
        return;
      }
      this.state.set({ status: 'unreachable' });
      this.#retry = setTimeout(() => void this.start(), backoffDelay(this.#attempt++));
    }
  }

  async login(login: string, password: string): Promise<void> {
    const { user, expiresIn } = await this.api.login({ login, password });
    noteLifetime(expiresIn);
    this.#signedIn(user);
  }

  async register(body: { username: string; email: string; password: string }): Promise<void> {
    const { user, expiresIn } = await this.api.register({ ...body, locale: translator.get().locale });
    noteLifetime(expiresIn);
    this.#signedIn(user);
  }

  /** Takes what this browser keeps of the user with it. */
  async logout(): Promise<void> {
    const state = this.state.get();
    if (state.status !== 'signed-in') return;
    try {
      await this.api.logout();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
    }
    await this.#db.clear(state.me.id).catch(() => undefined);
    forgetDrafts(state.me.id);
    this.#lost(false);
  }

  async updateMe(body: { displayName?: string; locale?: string; avatar?: string | null; status?: Status | null }): Promise<void> {
    const me = await this.api.updateMe(body);
    const state = this.state.get();
    if (state.status !== 'signed-in') return;
    state.client.people.learn([me]);
    this.state.set({ ...state, me });
  }

  /** Null: there is to be none. */
  async changeAvatar(file: File | null, onProgress: (share: number) => void, signal: AbortSignal): Promise<void> {
    const state = this.state.get();
    if (state.status !== 'signed-in') return;
    const avatar = file && (await state.client.uploadAvatar(file, onProgress, signal));
    await onceProcessed(() => this.updateMe({ avatar }), signal);
  }

  #signedIn(me: Me): void {
    localStorage.setItem(markKey, '1');
    this.#attempt = 0;
    // English may be no more than the account's default; another language has been chosen, here or on another device.
    if (me.locale && !localeIsChosen() && pickLocale([me.locale]) !== fallbackLocale) {
      setLocale(me.locale).catch((error: unknown) => console.warn('akkachat: the language could not be loaded', error));
    }
    const client = new ChatClient({
      me,
      api: this.api,
      db: this.#db,
      clock: new ServerClock(),
      device: deviceId(),
      openSocket,
      uploadTransport: lazyTransport({
        freshSession: async (refused) => {
          if (refused || needsRefresh()) await this.#refresh();
        },
      }),
      refresh: this.#refresh,
      onSessionLost: () => this.#lost(true),
    });
    this.state.set({ status: 'signed-in', me, client });
    void client.start();
  }

  #lost(ended: boolean): void {
    const state = this.state.get();
    if (state.status === 'signed-out') return;
    localStorage.removeItem(markKey);
    if (state.status === 'signed-in') state.client.stop();
    this.state.set({ status: 'signed-out', ended });
  }
}

function openSocket(): SocketLike {
  const url = new URL('/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(url, subprotocol) as SocketLike;
}

/** One per tab: two tabs are two devices to the server. */
function deviceId(): string {
  const known = sessionStorage.getItem(deviceKey);
  if (known !== null) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  const made = `d_${Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')}`;
  sessionStorage.setItem(deviceKey, made);
  return made;
}
