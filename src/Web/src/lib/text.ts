const encoder = new TextEncoder();

export const utf8Length = (text: string): number => encoder.encode(text).length;

/** Lower case without accents, for search in any language. */
export const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Two letters of a name: of its first and last word, or its first two. What begins with no letter counts only where nothing else does. */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/u).filter(Boolean);
  const lettered = words.filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const [first = '?', ...more] = lettered.length > 0 ? lettered : words;
  const [a = '?', b = ''] = Array.from(segmenter.segment(first), ({ segment }) => segment);
  const last = more.at(-1);
  const [c = b] = last === undefined ? [] : Array.from(segmenter.segment(last), ({ segment }) => segment);
  return (a + c).toLocaleUpperCase();
}

/** A small stable number from a string (FNV-1a). */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

export interface TextRange {
  readonly start: number;
  readonly length: number;
}

const linked = /^!?\[([^\]]*)\]\([^)]*\)$/;

/** Where a text has marks of Markdown that say how something looks and not what it says: those of a link are two. */
function marksOf(text: string): readonly (readonly TextRange[])[] {
  const mark = /```[^\n]*\n?|!?\[[^\]]*\]\([^)]*\)|(^|\n)[>#-]+\s|\*\*|__|~~|`/g;
  const found: TextRange[][] = [];
  for (let match = mark.exec(text); match; match = mark.exec(text)) {
    const [all, before = ''] = match;
    const end = match.index + all.length;
    const label = linked.exec(all)?.[1];
    if (label === undefined) {
      found.push([{ start: match.index + before.length, length: all.length - before.length }]);
      continue;
    }
    // What a link is called may have marks of its own.
    const inside = match.index + all.indexOf('[') + 1;
    found.push([{ start: match.index, length: inside - match.index }, { start: inside + label.length, length: end - inside - label.length }]);
    mark.lastIndex = inside;
  }
  return found;
}

/** A text without the marks of Markdown, and where its ranges are then. A mark that a range touches stays: somebody looked for it. */
export function withoutMarkdown(text: string, ranges: readonly TextRange[] = []): { text: string; ranges: readonly TextRange[] } {
  const isTouched = ({ start, length }: TextRange) => ranges.some((range) => range.start < start + length && start < range.start + range.length);
  const dropped = new Set<number>();
  for (const mark of marksOf(text)) {
    if (mark.some(isTouched)) continue;
    for (const { start, length } of mark) for (let i = start; i < start + length; i++) dropped.add(i);
  }
  const before = (place: number) => [...dropped].filter((i) => i < place).length;
  return {
    text: Array.from({ length: text.length }, (_, i) => (dropped.has(i) ? '' : text.charAt(i))).join(''),
    ranges: ranges.map(({ start, length }) => ({ start: start - before(start), length: length - (before(start + length) - before(start)) })),
  };
}

const lineLength = 200;

/** Markdown as one plain line, for previews. */
export const plainLine = (text: string): string => withoutMarkdown(text.slice(0, 10 * lineLength)).text.replace(/\s+/g, ' ').trim().slice(0, lineLength);
