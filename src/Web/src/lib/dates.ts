import type { Translator } from '@/lib/i18n/i18n';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Formatters are slow to make and safe to share. */
function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(locale, options)));
  return found;
}

/** The local day as one number: equal for two moments of one day. */
export function dayOf(ts: string | number): number {
  const date = new Date(ts);
  return date.getFullYear() * 10_000 + date.getMonth() * 100 + date.getDate();
}

export const clockTime = (t: Translator, ts: string | number): string =>
  format(t.locale, { hour: 'numeric', minute: '2-digit' }).format(new Date(ts));

/** For a narrow column, beside a whole time: without the half of the day. */
export const shortClock = (t: Translator, ts: string | number): string =>
  format(t.locale, { hour: 'numeric', minute: '2-digit' }).formatToParts(new Date(ts)).map(({ type, value }) => (type === 'dayPeriod' ? '' : value)).join('').trim();

export const clockTimeWithSeconds = (t: Translator, ts: string | number): string =>
  format(t.locale, { hour: 'numeric', minute: '2-digit', second: '2-digit' }).format(new Date(ts));

export const fullTime = (t: Translator, ts: string | number): string =>
  format(t.locale, { dateStyle: 'full', timeStyle: 'short' }).format(new Date(ts));

/** The time of today, the weekday of this week, or the date. */
export function shortTime(t: Translator, ts: string | number): string {
  const date = new Date(ts);
  if (dayOf(ts) === dayOf(Date.now())) return clockTime(t, ts);
  if (Date.now() - date.getTime() < 6 * 86_400_000) return format(t.locale, { weekday: 'short' }).format(date);
  return format(t.locale, { day: 'numeric', month: 'short' }).format(date);
}

export function dayName(t: Translator, ts: string | number): string {
  const day = dayOf(ts);
  if (day === dayOf(Date.now())) return t('conversation.today');
  if (day === dayOf(Date.now() - 86_400_000)) return t('conversation.yesterday');
  const date = new Date(ts);
  const year = date.getFullYear() === new Date().getFullYear() ? {} : ({ year: 'numeric' } as const);
  return format(t.locale, { weekday: 'long', day: 'numeric', month: 'long', ...year }).format(date);
}
