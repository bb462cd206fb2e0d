const encoder = new TextEncoder();

export const utf8Length = (text: string): number => encoder.encode(text).length;

/** Lower case without accents, for search in any language. */
export const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** Two letters of a name: of its first and last word, or its first two. Whole characters, so that emoji and accents survive. */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/u).filter(Boolean);
  const first = [...(words[0] ?? '?')];
  const last = words.length > 1 ? [...(words.at(-1) ?? '')] : first.slice(1);
  return ((first[0] ?? '?') + (last[0] ?? '')).toLocaleUpperCase();
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
