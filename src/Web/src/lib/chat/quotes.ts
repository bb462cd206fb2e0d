import { errorCode } from '@/lib/api/http';
import type { Message } from '@/lib/api/schemas';
import type { DurableEvent } from '@/lib/socket/frames';
import { Store } from '@/lib/store';
import { withChange } from './message-changes';

interface QuotesApi {
  readonly message: (room: string, id: string) => Promise<Message>;
}

const kept = 500;

/** Messages that others answer, and that are not in the window: asked for when the first answer is shown, and kept current by events. */
export class Quotes {
  /** Null: there is none. What is not in it is not known yet. */
  readonly all = new Store<ReadonlyMap<string, Message | null>>(new Map());

  readonly #api: QuotesApi;
  readonly #asking = new Set<string>();

  constructor(api: QuotesApi) {
    this.#api = api;
  }

  want(room: string, id: string): void {
    if (this.all.get().has(id) || this.#asking.has(id)) return;
    this.#asking.add(id);
    void this.#ask(room, id);
  }

  apply(events: readonly DurableEvent[]): void {
    const known = this.all.get();
    const changed = new Map<string, Message | null>();
    for (const event of events) {
      if (event.kind !== 'edited' && event.kind !== 'deleted') continue;
      const message = changed.get(event.id) ?? known.get(event.id);
      if (message) changed.set(event.id, withChange(message, event));
    }
    if (changed.size > 0) this.all.set(new Map([...known, ...changed]));
  }

  async #ask(room: string, id: string): Promise<void> {
    try {
      this.#learn(id, await this.#api.message(room, id));
    } catch (error) {
      if (errorCode(error) === 'not_found') this.#learn(id, null);
    } finally {
      this.#asking.delete(id);
    }
  }

  #learn(id: string, message: Message | null): void {
    this.all.update((known) => new Map([...[...known].slice(-kept), [id, message] as const]));
  }
}
