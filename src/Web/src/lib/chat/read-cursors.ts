import { replies } from '@/lib/socket/frames';
import type { SocketClient } from '@/lib/socket/socket-client';

interface ReadCursorsOptions {
  readonly socket: SocketClient;
  /** The last message read on this device. */
  readonly readN: (room: string) => number;
  readonly onRead: (room: string, read: { readonly n: number; readonly unread: number; readonly mentions: number }) => void;
}

const readDelayMs = 1_000;

/** Reports read cursors to the server, at most once a second per room, and never backwards. */
export class ReadCursors {
  readonly #options: ReadCursorsOptions;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #sent = new Map<string, number>();

  constructor(options: ReadCursorsOptions) {
    this.#options = options;
  }

  schedule(room: string): void {
    if (this.#timers.has(room)) return;
    this.#timers.set(room, setTimeout(() => {
      this.#timers.delete(room);
      void this.#send(room);
    }, readDelayMs));
  }

  /** At once, for what the user has asked for. */
  now(room: string): void {
    clearTimeout(this.#timers.get(room));
    this.#timers.delete(room);
    void this.#send(room);
  }

  /** A new hello's digest has the server's read cursors. */
  reset(): void {
    this.#sent.clear();
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  async #send(room: string): Promise<void> {
    const { socket, readN, onRead } = this.#options;
    const n = readN(room);
    if (n <= (this.#sent.get(room) ?? 0) || !socket.live) return;
    try {
      const read = await socket.request(replies.read, 'read.set', room, { n });
      this.#sent.set(room, n);
      onRead(room, read);
    } catch {
      // the next hello's digest has the server's cursors; those behind are sent again
    }
  }
}
