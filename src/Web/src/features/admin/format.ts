import type { Translator } from '@/lib/i18n/i18n';

/** `akka.tcp://chat@10.0.0.5:4053` without what all nodes have in common. */
export const shortAddress = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

export const number = (t: Translator, value: number, digits = 0): string =>
  new Intl.NumberFormat(t.locale, { maximumFractionDigits: digits }).format(value);

export const percent = (t: Translator, value: number): string =>
  new Intl.NumberFormat(t.locale, { style: 'percent', maximumFractionDigits: value < 0.1 ? 1 : 0 }).format(value);

export const milliseconds = (t: Translator, value: number): string =>
  new Intl.NumberFormat(t.locale, { style: 'unit', unit: 'millisecond', maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);

const spans = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]] as const;

/** In its largest unit, rounded down. */
export function duration(t: Translator, seconds: number): string {
  const [unit, length] = spans.find(([, size]) => seconds >= size) ?? (['second', 1] as const);
  return new Intl.NumberFormat(t.locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 }).format(Math.floor(seconds / length));
}
