import type { Person, Status } from '@/lib/api/schemas';
import { Store } from '@/lib/store';

interface PeopleApi {
  readonly people: (ids: readonly string[]) => Promise<{ readonly items: readonly Person[] }>;
}

/** The server answers for no more at once. */
const maxIds = 100;
const gatherMs = 20;
const retryMs = 5_000;

/** The pictures of the people in view: asked for in batches when somebody is first shown, and kept current by `user.changed`. */
export class People {
  /** A file by user; null where there is none. Who is not in it is not known yet. */
  readonly avatars = new Store<ReadonlyMap<string, string | null>>(new Map());

  /** By user; who is not in it has none, or is not known yet. */
  readonly statuses = new Store<ReadonlyMap<string, Status>>(new Map());

  readonly #api: PeopleApi;
  readonly #onPeople: (people: readonly Person[]) => void;
  readonly #wanted = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(api: PeopleApi, onPeople: (people: readonly Person[]) => void) {
    this.#api = api;
    this.#onPeople = onPeople;
  }

  want(id: string): void {
    if (this.avatars.get().has(id) || this.#wanted.has(id)) return;
    this.#wanted.add(id);
    this.#schedule(gatherMs);
  }

  learn(people: readonly Person[]): void {
    const known = this.avatars.get();
    const news = people.filter(({ id, avatar }) => known.get(id) !== avatar);
    for (const { id } of people) this.#wanted.delete(id);
    if (news.length > 0) this.avatars.set(new Map([...known, ...news.map(({ id, avatar }) => [id, avatar] as const)]));
    this.#learnStatuses(people);
    this.#onPeople(people);
  }

  #learnStatuses(people: readonly Person[]): void {
    const known = this.statuses.get();
    const news = people.filter(({ id, status }) => known.get(id)?.text !== status?.text || known.get(id)?.emoji !== status?.emoji);
    if (news.length === 0) return;
    const next = new Map(known);
    for (const { id, status } of news) {
      if (status) next.set(id, status);
      else next.delete(id);
    }
    this.statuses.set(next);
  }

  /** What changed while there was no connection was not told. */
  refresh(): void {
    for (const id of this.avatars.get().keys()) this.#wanted.add(id);
    if (this.#wanted.size > 0) this.#schedule(gatherMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(delay: number): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#ask();
    }, delay);
  }

  async #ask(): Promise<void> {
    const ids = [...this.#wanted].slice(0, maxIds);
    if (ids.length === 0) return;
    try {
      const { items } = await this.#api.people(ids);
      // Who is not there has no picture.
      const found = new Set(items.map(({ id }) => id));
      this.learn(items);
      for (const id of ids) this.#wanted.delete(id);
      const missing = ids.filter((id) => !found.has(id));
      if (missing.length > 0) this.avatars.update((known) => new Map([...known, ...missing.map((id) => [id, null] as const)]));
      if (this.#wanted.size > 0) this.#schedule(0);
    } catch {
      this.#schedule(retryMs);
    }
  }
}
