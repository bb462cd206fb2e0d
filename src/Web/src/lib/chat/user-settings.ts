import type { Settings } from '@/lib/api/schemas';
import { Store } from '@/lib/store';
import type { RoomEntry } from './room-entry';

export type SettingsChange = Partial<Omit<Settings, 'push'>>;

export const defaultSettings: Settings = { notify: 'mentions', quietUntil: null, quietHours: null, push: false };

/** What the user is told of, on all devices. A change is shown at once, and taken back where the server refuses it. */
export class UserSettings {
  readonly value = new Store<Settings>(defaultSettings);
  readonly #send: (change: SettingsChange) => Promise<Settings>;
  #changes = 0;

  constructor(send: (change: SettingsChange) => Promise<Settings>) {
    this.#send = send;
  }

  /** What hello, an event or an answer says. */
  learn(settings: Settings): void {
    this.#changes++;
    this.value.set(settings);
  }

  async change(change: SettingsChange): Promise<void> {
    const before = this.value.get();
    const mine = ++this.#changes;
    this.value.set({ ...before, ...change });
    try {
      const answer = await this.#send(change);
      if (mine === this.#changes) this.value.set(answer);
    } catch (error) {
      if (mine === this.#changes) this.value.set(before);
      throw error;
    }
  }
}

/** Whether it is a quiet time for the user. */
export function isQuiet({ quietUntil, quietHours }: Settings, now: Date): boolean {
  if (quietUntil !== null && Date.parse(quietUntil) > now.getTime()) return true;
  if (quietHours === null) return false;
  const { from, to, timeZone } = quietHours;
  const time = clockIn(timeZone, now);
  return from <= to ? time >= from && time < to : time >= from || time < to;
}

/** Whether the user is to be told of a message in the room, by the same rules as those by which the server pushes. */
export function wantsNotice(room: RoomEntry | undefined, mentioned: boolean, settings: Settings, now: Date): boolean {
  if (isQuiet(settings, now)) return false;
  switch (room?.preferences.notify ?? settings.notify) {
    case 'all':
      return mentioned || room?.preferences.muted !== true;
    case 'mentions':
      return mentioned;
    default:
      return false;
  }
}

function clockIn(timeZone: string, now: Date): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(now);
  } catch {
    return now.toISOString().slice(11, 16); // a place that this browser does not know
  }
}
