import { noPreferences, type Preferences } from '@/lib/api/schemas';
import type { RoomEntry } from './room-entry';
import { sectionsOf } from './room-order';

export type PreferenceChange = Partial<Preferences>;

interface PreferencesOptions {
  readonly send: (room: string, change: PreferenceChange) => Promise<Preferences>;
  readonly rooms: () => ReadonlyMap<string, RoomEntry>;
  readonly put: (entry: RoomEntry) => void;
}

interface Changing {
  /** As the server has them, as far as is known. */
  server: Preferences;
  /** How often the server has said so by an event. */
  told: number;
  pending: readonly PreferenceChange[];
}

/** How the user wants the rooms: a change is shown at once, sent in its turn, and taken back where the server refuses it. */
export class RoomPreferences {
  readonly #options: PreferencesOptions;
  readonly #rooms = new Map<string, Changing>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: PreferencesOptions) {
    this.#options = options;
  }

  /** What an event or a digest says. */
  learn(room: string, preferences: Preferences): void {
    const changing = this.#rooms.get(room);
    if (changing) {
      changing.server = preferences;
      changing.told++;
    }
    this.#show(room, changing, preferences);
  }

  /** Rejects where the server refuses the change, which is then no longer shown. */
  async change(room: string, change: PreferenceChange): Promise<void> {
    const changing = this.#rooms.get(room) ?? { server: this.#options.rooms().get(room)?.preferences ?? noPreferences, told: 0, pending: [] };
    this.#rooms.set(room, changing);
    changing.pending = [...changing.pending, change];
    this.#show(room, changing, changing.server);
    // One after the other: the server keeps what it gets last.
    const turn = this.#last.then(() => this.#send(room, change, changing));
    this.#last = turn.catch(() => undefined);
    try {
      await turn;
    } finally {
      changing.pending = changing.pending.filter((one) => one !== change);
      if (changing.pending.length === 0) this.#rooms.delete(room);
      this.#show(room, changing, changing.server);
    }
  }

  /** As the last of the favourites, or not one of them any more. */
  setFavourite(room: string, favourite: boolean): Promise<void> {
    return this.change(room, favourite ? { favourite, order: placeAfter(this.#favourites()) } : { favourite });
  }

  async moveFavourite(room: string, index: number): Promise<void> {
    await Promise.all(placesFor(this.#favourites(), room, index).map(([id, order]) => this.change(id, { order })));
  }

  #favourites(): readonly RoomEntry[] {
    return sectionsOf(this.#options.rooms().values()).favourites;
  }

  async #send(room: string, change: PreferenceChange, changing: Changing): Promise<void> {
    const { told } = changing;
    const answer = await this.#options.send(room, change);
    // An event that came meanwhile is as new as the answer, or newer.
    if (changing.told === told) changing.server = answer;
  }

  #show(room: string, changing: Changing | undefined, server: Preferences): void {
    const entry = this.#options.rooms().get(room);
    if (!entry) return;
    const preferences = (changing?.pending ?? []).reduce((shown: Preferences, change) => ({ ...shown, ...change }), server);
    if (!same(entry.preferences, preferences)) this.#options.put({ ...entry, preferences });
  }
}

/** Between two favourites there is room for many others. */
const step = 2 ** 20;

export const placeAfter = (favourites: readonly RoomEntry[]): number => (favourites.at(-1)?.preferences.order ?? 0) + step;

/** The new places of those that must move so that `room` stands at `index` among the others. Mostly that is one. */
export function placesFor(favourites: readonly RoomEntry[], room: string, index: number): readonly (readonly [room: string, order: number])[] {
  const others = favourites.filter(({ id }) => id !== room);
  const at = Math.max(0, Math.min(index, others.length));
  const before = others[at - 1]?.preferences.order ?? 0;
  const after = others[at]?.preferences.order ?? before + 2 * step;
  const order = Math.floor((before + after) / 2);
  if (order > before && order < after) return [[room, order]];
  const ids = others.map(({ id }) => id);
  return ids.toSpliced(at, 0, room).map((id, place) => [id, (place + 1) * step] as const);
}

const same = (a: Preferences, b: Preferences): boolean =>
  a.notify === b.notify && a.muted === b.muted && a.favourite === b.favourite && a.order === b.order;
