import type { ChatApi } from '@/lib/api/chat-api';
import { errorCode } from '@/lib/api/http';
import type { Message } from '@/lib/api/schemas';
import { replies, type DurableEvent, type ServerEvent, type ThreadDigestItem, type ThreadState } from '@/lib/socket/frames';
import type { SocketClient } from '@/lib/socket/socket-client';
import { Store, withEntry } from '@/lib/store';
import { withChange, withChanges, withReply } from './message-changes';

/** A thread that the user follows. */
export interface Followed {
  readonly room: string;
  readonly readN: number;
  readonly unread: number;
  /** Everything up to this event of the room is counted. */
  readonly seq: number;
}

/** The thread in view. */
export interface OpenThread {
  readonly room: string;
  readonly id: string;
  /** Null until it is loaded. */
  readonly root: Message | null;
  /** Ascending by `n`, up to the newest. */
  readonly replies: readonly Message[];
  readonly status: 'loading' | 'ready' | 'error';
  readonly error: string | null;
  /** The first reply is among them. */
  readonly atStart: boolean;
  readonly loadingOlder: boolean;
  /** Replies of others above this are new to the user; fixed while the thread is open. Null: none were when it was opened. */
  readonly dividerN: number | null;
  /** How far the user has read, also in a thread that the user does not follow. */
  readonly readN: number;
}

interface ThreadsOptions {
  readonly me: string;
  readonly api: ChatApi;
  readonly socket: SocketClient;
  /** Reads a root again. */
  readonly refresh: (room: string, id: string) => Promise<Message | null>;
  readonly onMentions: (room: string, mentions: number) => void;
}

const pageSize = 50;
/** So many threads come with a hello: of a further one the server is asked. */
const digestLimit = 1_000;
const reportMs = 300;

/** The threads that the user follows, with what is unread in each, and the one in view. */
export class Threads {
  readonly followed = new Store<ReadonlyMap<string, Followed>>(new Map());
  readonly open = new Store<OpenThread | null>(null);
  /** Changes with each change of a thread: a list that is shown is read again. */
  readonly version = new Store(0);

  readonly #options: ThreadsOptions;
  #digest: Map<string, Followed> | null = null;
  #complete = true;
  #report: ReturnType<typeof setTimeout> | undefined;
  /** Stays unread although it is on the screen, until it is opened again: the user has marked it so. */
  #kept = false;
  /** The place in the open thread that the server has told last. */
  #serverN = 0;

  constructor(options: ThreadsOptions) {
    this.#options = options;
  }

  /** Whether a reply by another is new to the user: also the first one to a message of the user’s, who follows the thread from then on. */
  awaits(reply: Message, list: readonly Message[]): boolean {
    const known = reply.thread ? this.followed.get().get(reply.thread) : undefined;
    if (known) return reply.n > known.readN;
    return list.some(({ id, author, replies }) => id === reply.thread && author.id === this.#options.me && replies?.count === 1);
  }

  /** False for what is not about threads. */
  onEvent(event: ServerEvent): boolean {
    if (event.ev === 'thread.digest') this.onDigest(event.d);
    else if (event.ev === 'thread.updated') this.onState(event.room, event.d);
    else return false;
    return true;
  }

  onHello(): void {
    this.#digest = new Map();
  }

  onDigest(items: readonly ThreadDigestItem[]): void {
    for (const { thread, room, readN, unread, seq } of items) this.#digest?.set(thread, { room, readN, unread, seq });
  }

  /** The digest is complete: what is not in it is not followed. */
  onSynced(): void {
    if (!this.#digest) return;
    this.#complete = this.#digest.size < digestLimit;
    this.followed.set(this.#digest);
    this.#digest = null;
    this.#changed();
  }

  onReset(room: string): void {
    const open = this.open.get();
    if (open?.room === room) void this.#load(open.room, open.id);
  }

  /** As the server has it now, on whichever device it was changed. */
  onState(room: string, { thread, following, readN, unread, mentions, seq }: ThreadState): void {
    const known = this.followed.get().get(thread);
    if (!known || known.seq <= seq) this.#put(thread, following ? { room, readN, unread, seq } : undefined);
    this.#options.onMentions(room, mentions);
    if (this.open.get()?.id === thread) {
      // What is on the screen stays unread where it was marked so, here or on another device.
      const back = readN < this.#serverN;
      this.#serverN = readN;
      if (back) this.#kept = true;
      this.#changeOpen(thread, (open) => ({
        ...open,
        readN: back ? readN : Math.max(open.readN, readN),
        dividerN: back ? readN : open.dividerN,
        root: open.root && { ...open.root, replies: open.root.replies && { ...open.root.replies, following, readN, unread } },
      }));
    }
    this.#changed();
  }

  /** The figures of a message that was read. */
  learn(root: Message): void {
    const { replies: thread } = root;
    const known = this.followed.get().get(root.id);
    if (!thread) {
      // Nobody's reply is left; whether the user follows the thread has not changed.
      if (known) this.#put(root.id, { ...known, unread: 0 });
    } else {
      if (!known || known.seq <= thread.seq) {
        const { readN, unread, seq } = thread;
        this.#put(root.id, thread.following ? { room: root.room, readN, unread, seq } : undefined);
      }
    }
    this.#changeOpen(root.id, (open) => ({ ...open, root }));
    this.#changed();
  }

  apply(room: string, events: readonly DurableEvent[]): void {
    let touched = false;
    for (const event of events) {
      if (event.kind === 'message' && event.message.thread) {
        touched = true;
        this.#count(event.message.thread, event.message);
      } else if ((event.kind === 'edited' || event.kind === 'deleted') && event.thread) {
        touched = true;
        // What a deletion leaves of a thread, the server knows.
        if (event.kind === 'deleted') void this.#options.refresh(room, event.thread).then((root) => root && this.learn(root));
      }
    }
    this.#applyOpen(room, events);
    if (touched) this.#changed();
  }

  async load(room: string, id: string): Promise<void> {
    this.#kept = false;
    this.#serverN = 0;
    this.open.set({ room, id, root: null, replies: [], status: 'loading', error: null, atStart: false, loadingOlder: false, dividerN: null, readN: 0 });
    await this.#load(room, id, true);
  }

  close(): void {
    clearTimeout(this.#report);
    this.#flush();
    this.open.set(null);
  }

  async loadOlder(): Promise<void> {
    const open = this.open.get();
    const before = open?.replies[0]?.n;
    if (!open || open.loadingOlder || open.atStart || before === undefined) return;
    this.open.set({ ...open, loadingOlder: true });
    try {
      const page = await this.#options.api.thread(open.room, open.id, { before, limit: pageSize });
      this.#changeOpen(open.id, (now) => ({
        ...now, loadingOlder: false, replies: merged(page.items, now.replies), atStart: page.items.length < pageSize,
      }));
    } catch {
      this.#changeOpen(open.id, (now) => ({ ...now, loadingOlder: false }));
    }
  }

  /** All replies up to `n` have been on the screen. */
  markSeen(n: number): void {
    const open = this.open.get();
    if (!open || this.#kept || n <= open.readN) return;
    this.open.set({ ...open, readN: n });
    const known = this.followed.get().get(open.id);
    if (known) this.#put(open.id, { ...known, readN: n, unread: open.replies.filter((reply) => reply.n > n && !reply.deleted).length });
    clearTimeout(this.#report);
    this.#report = setTimeout(() => this.#flush(), reportMs);
  }

  /** What comes from the reply on is unread again, everywhere. */
  async markUnread(reply: Message): Promise<void> {
    if (!reply.thread) return;
    clearTimeout(this.#report);
    this.#kept = true;
    try {
      const state = await this.#read(reply.room, reply.thread, reply.n - 1, true);
      this.onState(reply.room, state);
    } catch (error) {
      this.#kept = false;
      throw error;
    }
  }

  async follow(root: Message, on: boolean): Promise<void> {
    await this.#options.api.followThread(root.room, root.id, on);
    this.#changeOpen(root.id, (open) => ({
      ...open, root: open.root && { ...open.root, replies: open.root.replies && { ...open.root.replies, following: on, unread: 0 } },
    }));
  }

  forget(room: string): void {
    const map = this.followed.get();
    if ([...map.values()].some((thread) => thread.room === room)) this.followed.set(new Map([...map].filter(([, thread]) => thread.room !== room)));
    if (this.open.get()?.room === room) this.open.set(null);
    this.#changed();
  }

  stop(): void {
    clearTimeout(this.#report);
  }

  #count(thread: string, message: Message): void {
    const known = this.followed.get().get(thread);
    if (!known) {
      if (!this.#complete) void this.#options.api.message(message.room, thread).then((root) => this.learn(root)).catch(() => undefined);
      return;
    }
    if (message.seq <= known.seq) return;
    if (message.author.id === this.#options.me) this.#put(thread, { ...known, readN: message.n, unread: 0, seq: message.seq });
    else this.#put(thread, { ...known, unread: known.unread + (message.deleted ? 0 : 1), seq: message.seq });
  }

  #applyOpen(room: string, events: readonly DurableEvent[]): void {
    const open = this.open.get();
    if (open?.room !== room || open.status !== 'ready') return;
    const known = new Set(open.replies.map(({ id }) => id));
    const added = events.flatMap((event) => (event.kind === 'message' && event.message.thread === open.id && !known.has(event.message.id) ? [event.message] : []));
    const withNew = added.length === 0 ? open.replies : merged(open.replies, added);
    const all = withChanges(withNew, events);
    const root = added.reduce<Message | null>((message, reply) => message && withReply(message, reply), events.reduce(
      (message, event) => message && withChange(message, event), open.root));
    const mine = added.findLast((reply) => reply.author.id === this.#options.me)?.n ?? 0;
    if (all !== open.replies || root !== open.root) this.open.set({ ...open, replies: all, root, readN: Math.max(open.readN, mine) });
  }

  async #load(room: string, id: string, first = false): Promise<void> {
    try {
      const page = await this.#options.api.thread(room, id, { limit: pageSize });
      const { readN = 0, unread = 0 } = page.root.replies ?? {};
      this.#serverN = Math.max(this.#serverN, readN);
      this.#changeOpen(id, (open) => ({
        ...open, status: 'ready', root: page.root, replies: page.items, atStart: page.items.length < pageSize, readN,
        dividerN: first && unread > 0 ? readN : open.dividerN,
      }));
      if (page.root.replies) this.learn(page.root);
    } catch (error) {
      this.#changeOpen(id, (open) => ({ ...open, status: 'error', error: errorCode(error) }));
    }
  }

  #flush(): void {
    const open = this.open.get();
    if (!open || open.readN <= this.#serverN || this.#kept || !this.#options.socket.live) return;
    void this.#read(open.room, open.id, open.readN, false).then((state) => this.onState(open.room, state)).catch(() => undefined);
  }

  #read(room: string, thread: string, n: number, back: boolean): Promise<ThreadState> {
    return this.#options.socket.request(replies.thread, 'thread.read', room, { thread, n, ...(back && { back }) });
  }

  #changeOpen(id: string, change: (open: OpenThread) => OpenThread): void {
    const open = this.open.get();
    if (open?.id === id) this.open.set(change(open));
  }

  #put(thread: string, entry: Followed | undefined): void {
    if (entry === undefined && !this.followed.get().has(thread)) return;
    this.followed.update((map) => withEntry(map, thread, entry));
  }

  #changed(): void {
    this.version.set(this.version.get() + 1);
  }
}

/** Ascending by `n`, each once. */
function merged(a: readonly Message[], b: readonly Message[]): readonly Message[] {
  const byId = new Map([...a, ...b].map((message) => [message.id, message]));
  return [...byId.values()].sort((x, y) => x.n - y.n);
}
