import { replies } from '@/lib/socket/frames';
import type { SocketClient } from '@/lib/socket/socket-client';

interface Read {
  readonly n: number;
  readonly unread: number;
  readonly mentions: number;
}

interface ReadCursorsOptions {
  readonly socket: SocketClient;
  /** The last message read on this device. */
  readonly readN: (room: string) => number;
  readonly onRead: (room: string, read: Read) => void;
}

const readDelayMs = 1_000;

/** Reports read cursors to the server, at most once a second per room, and backwards only where the user asks for it. */
export class ReadCursors {
  readonly #options: ReadCursorsOptions;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #sent = new Map<string, number>();
  /** Rooms where the user has read further than the server knows. */
  readonly #ahead = new Set<string>();

  constructor(options: ReadCursorsOptions) {
    this.#options = options;
  }

  schedule(room: string): void {
    this.#ahead.add(room);
    if (this.#timers.has(room)) return;
    this.#timers.set(room, setTimeout(() => {
      this.#timers.delete(room);
      void this.#send(room);
    }, readDelayMs));
  }

  /** At once, for what the user has asked for. */
  now(room: string): void {
    this.#unschedule(room);
    this.#ahead.add(room);
    void this.#send(room);
  }

  /** What follows `n` is unread again, on all devices. Rejects where the server does not answer so. */
  async back(room: string, n: number): Promise<Read> {
    this.movedBack(room);
    return this.#options.socket.request(replies.read, 'read.set', room, { n, back: true });
  }

  /** What was read before that on this device is not sent any more. */
  movedBack(room: string): void {
    this.#unschedule(room);
    this.#sent.delete(room);
    this.#ahead.delete(room);
  }

  isAhead(room: string): boolean {
    return this.#ahead.has(room);
  }

  /** A new hello's digest has the server's read cursors. */
  reset(): void {
    this.#sent.clear();
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #unschedule(room: string): void {
    clearTimeout(this.#timers.get(room));
    this.#timers.delete(room);
  }

  async #send(room: string): Promise<void> {
    const { socket, readN, onRead } = this.#options;
    const n = readN(room);
    if (!socket.live) return;
    if (n <= (this.#sent.get(room) ?? 0)) {
      this.#ahead.delete(room);
      return;
    }
    try {
      const read = await socket.request(replies.read, 'read.set', room, { n });
      if (!this.#ahead.has(room)) return; // the user has gone back meanwhile
      this.#sent.set(room, n);
      if (readN(room) === n) this.#ahead.delete(room);
      onRead(room, read);
    } catch {
      // the next hello's digest has the server's cursors; those behind are sent again
    }
  }
}
