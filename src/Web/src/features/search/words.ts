import type { TextRange } from '@/lib/text';

/** A search as it is typed. The server reads it; here is only what the page needs of it: where its words are, and which are filters. */

export const filters = ['from', 'in', 'has', 'before', 'after', 'on'] as const;
export type Filter = (typeof filters)[number];

export interface Word {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Null for what is text to the server. */
  readonly filter: Filter | null;
  /** Of a filter, without its quotes. */
  readonly value: string;
}

const word = /-?(?:[A-Za-z]+:)?(?:["“„][^"“”„]*["”“]?|\S+)/gu;

export function wordsOf(text: string): readonly Word[] {
  return [...text.matchAll(word)].map(({ 0: found, index: start }) => {
    const colon = /^([A-Za-z]+):/.exec(found);
    const filter = filters.find((name) => name === colon?.[1]?.toLowerCase()) ?? null;
    const value = filter === null ? '' : found.slice(filter.length + 1).replace(/^["“„]|["”“]$/gu, '');
    return { start, end: start + found.length, text: found, filter, value };
  });
}

/** The word that is being typed; null behind a blank. */
export const wordAt = (text: string, caret: number): Word | null => wordsOf(text).find(({ start, end }) => start < caret && caret <= end) ?? null;

/** A filter with its value, quoted where it has to be. */
export const filterWord = (filter: Filter, value: string): string => `${filter}:${/[\s"]/u.test(value) ? `"${value.replaceAll('"', '')}"` : value}`;

/** The text with another in the place of one word, and where the caret goes. A blank follows what is complete. */
export function replaceWord(text: string, old: { start: number; end: number }, by: string, complete: boolean): { text: string; caret: number } {
  const before = text.slice(0, old.start) + by + (complete ? ' ' : '');
  return { text: before + text.slice(old.end).trimStart(), caret: before.length };
}

/** The text without one of its words. */
export const withoutWord = (text: string, { start, end }: Word): string =>
  `${text.slice(0, start).trimEnd()} ${text.slice(end).trimStart()}`.trimStart();

export interface Part {
  readonly text: string;
  readonly marked: boolean;
}

/** A text cut at its matches. */
export function partsOf(text: string, matches: readonly TextRange[]): readonly Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const { start, length } of matches) {
    if (start > at) parts.push({ text: text.slice(at, start), marked: false });
    parts.push({ text: text.slice(start, start + length), marked: true });
    at = start + length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), marked: false });
  return parts;
}

/** A local day as the server reads it. */
export const isoDay = (date: Date): string =>
  `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
