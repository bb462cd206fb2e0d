import type { SocketLike } from '@/lib/socket/socket-client';

interface Sent {
  readonly id?: string;
  readonly op: string;
  readonly room?: string;
  readonly d?: Record<string, unknown>;
}

/** A WebSocket whose other end is the test. */
export class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: Sent[] = [];
  closed: number | null = null;

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Sent);
  }

  close(code = 1000): void {
    this.closed = code;
  }

  open(): void {
    this.onopen?.();
  }

  say(frame: object | string): void {
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
  }

  end(code: number): void {
    this.onclose?.({ code });
  }

  last(op: string): Sent {
    const found = this.sent.findLast((frame) => frame.op === op);
    if (!found) throw new Error(`No ${op} was sent.`);
    return found;
  }

  reply(op: string, d: object): void {
    this.say({ re: this.last(op).id, ok: true, d });
  }

  refuse(op: string, code: string, retryable = false, retryAfterMs?: number): void {
    this.say({ re: this.last(op).id, err: { code, message: code, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } });
  }

  hello(extra: object = {}): void {
    this.open();
    this.reply('hello', { session: 's_1', epoch: 'e_1', user: ana, userSeq: 0, time: new Date().toISOString(), heartbeatMs: 25_000, ...extra });
  }

  live(extra: object = {}): void {
    this.hello(extra);
    this.say({ ev: 'sync.done' });
  }
}

export const ana = { id: 'u_1', username: 'ana', displayName: 'Ana' };
export const bruno = { id: 'u_2', username: 'bruno', displayName: 'Bruno' };
