import type { ChatApi } from '@/lib/api/chat-api';
import { Store } from '@/lib/store';

/** Whom the user does not want to hear from: their messages are folded up, and give no notice. */
export class Blocks {
  readonly users = new Store<ReadonlySet<string>>(new Set());

  readonly #api: ChatApi;

  constructor(api: ChatApi) {
    this.#api = api;
  }

  /** What changed while there was no connection comes with the user's stream; the whole list is read where that begins anew. */
  async load(): Promise<void> {
    try {
      const { items } = await this.#api.blocks();
      this.users.set(new Set(items.map(({ id }) => id)));
    } catch {
      // Read again after the next hello.
    }
  }

  learn(user: string, on: boolean): void {
    if (this.users.get().has(user) === on) return;
    this.users.update((users) => new Set(on ? [...users, user] : [...users].filter((one) => one !== user)));
  }

  /** The event that follows says so to the user's other devices. */
  async set(user: string, on: boolean): Promise<void> {
    await this.#api.block(user, on);
    this.learn(user, on);
  }
}
