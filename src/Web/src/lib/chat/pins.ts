import type { Message } from '@/lib/api/schemas';
import type { DurableEvent } from '@/lib/socket/frames';
import { Store, withEntry } from '@/lib/store';
import { withChange } from './message-changes';

interface PinsApi {
  readonly pins: (room: string) => Promise<{ readonly items: readonly Message[] }>;
}

/** The pinned messages of the rooms that were opened, the last pinned first. */
export class Pins {
  readonly all = new Store<ReadonlyMap<string, readonly Message[]>>(new Map());

  readonly #api: PinsApi;
  readonly #loading = new Map<string, boolean>();

  constructor(api: PinsApi) {
    this.#api = api;
  }

  async load(room: string): Promise<void> {
    if (this.#loading.has(room)) {
      this.#loading.set(room, true); // changed meanwhile: once more
      return;
    }
    this.#loading.set(room, false);
    try {
      const { items } = await this.#api.pins(room);
      this.all.update((map) => withEntry(map, room, items));
    } catch {
      // the list stays as it was; opening the room again asks again
    }
    const again = this.#loading.get(room);
    this.#loading.delete(room);
    if (again) await this.load(room);
  }

  apply(room: string, events: readonly DurableEvent[]): void {
    const known = this.all.get().get(room);
    if (!known) return;
    const items = events.reduce((messages, event) => messages.map((message) => withChange(message, event)), known).filter(({ deleted }) => !deleted);
    if (items.length < known.length || items.some((message, at) => message !== known[at])) this.all.update((map) => withEntry(map, room, items));
    if (events.some(({ kind }) => kind === 'pinned')) void this.load(room);
  }

  forget(room: string): void {
    this.all.update((map) => withEntry(map, room, undefined));
  }
}
