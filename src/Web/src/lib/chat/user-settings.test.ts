import { describe, expect, it } from 'vitest';
import { noPreferences, type Preferences, type Settings } from '@/lib/api/schemas';
import type { RoomEntry } from './room-entry';
import { defaultSettings, isQuiet, UserSettings, wantsNotice } from './user-settings';

const room = (preferences: Partial<Preferences>) => ({ preferences: { ...noPreferences, ...preferences } }) as RoomEntry;
const noon = new Date('2026-01-10T12:00:00Z');
const wants = (preferences: Partial<Preferences>, mentioned: boolean, settings: Partial<Settings> = {}) =>
  wantsNotice(room(preferences), mentioned, { ...defaultSettings, ...settings }, noon);

describe('Notices', () => {
  it('tell of mentions, unless the user wants more or less', () => {
    expect([wants({}, false), wants({}, true)]).toEqual([false, true]);
    expect([wants({ notify: 'all' }, false), wants({ notify: 'none' }, true)]).toEqual([true, false]);
    expect([wants({}, false, { notify: 'all' }), wants({ notify: 'mentions' }, false, { notify: 'all' })]).toEqual([true, false]);
    expect([wants({ notify: 'all', muted: true }, false), wants({ notify: 'all', muted: true }, true)]).toEqual([false, true]);
  });

  it('tell of nothing at quiet times', () => {
    expect(wants({ notify: 'all' }, true, { quietUntil: '2026-01-10T12:00:01Z' })).toBe(false);
    expect(wants({ notify: 'all' }, true, { quietUntil: '2026-01-10T12:00:00Z' })).toBe(true);
    const night = (at: string, timeZone = 'UTC') => isQuiet({ ...defaultSettings, quietHours: { from: '22:00', to: '07:00', timeZone } }, new Date(`2026-01-10T${at}:00Z`));
    expect([night('21:59'), night('22:00'), night('00:00'), night('06:59'), night('07:00')]).toEqual([false, true, true, true, false]);
    expect([night('01:00', 'America/Sao_Paulo'), night('10:30', 'America/Sao_Paulo')]).toEqual([true, false]);
  });
});

describe('UserSettings', () => {
  it('shows a change at once, and takes it back where it is refused', async () => {
    let refuse = (): void => undefined;
    const settings = new UserSettings(() => new Promise((_, reject) => (refuse = () => reject(new Error('no')))));
    const changed = settings.change({ notify: 'all' });
    expect(settings.value.get().notify).toBe('all');
    refuse();
    await expect(changed).rejects.toThrow('no');
    expect(settings.value.get()).toEqual(defaultSettings);
  });

  it('keeps what an event has said meanwhile', async () => {
    let answer: (settings: Settings) => void = () => undefined;
    const settings = new UserSettings(() => new Promise((resolve) => (answer = resolve)));
    const changed = settings.change({ notify: 'all' });
    settings.learn({ ...defaultSettings, notify: 'none' });
    answer({ ...defaultSettings, notify: 'all' });
    await changed;
    expect(settings.value.get().notify).toBe('none');
  });
});
