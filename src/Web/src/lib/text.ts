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

/** Markdown as one plain line, for previews. */
export function plainLine(text: string): string {
  return text
    .replace(/```[^\n]*\n?/g, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(^|\s)[>#-]+\s/g, '$1')
    .replace(/(\*\*|__|~~|`)/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
}
