/** The server's clock as far as this client knows it; the last known offset outlives a reload, so that offline sends get usable ids. */
export class ServerClock {
  #offset: number;

  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | null;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> | null = safeStorage()) {
    this.#storage = storage;
    const stored = Number(storage?.getItem(key));
    this.#offset = Number.isFinite(stored) ? stored : 0;
  }

  readonly now = (): number => Date.now() + this.#offset;

  /** `sentAt` and `receivedAt` are local times around the answer that carried `serverTime`. */
  learn(serverTime: string, sentAt: number, receivedAt: number): void {
    const server = Date.parse(serverTime);
    if (Number.isNaN(server)) return;
    this.#offset = Math.round(server - (sentAt + receivedAt) / 2);
    this.#storage?.setItem(key, String(this.#offset));
  }
}

const key = 'akkachat.clock-offset';

function safeStorage(): Storage | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}
