import { fold } from './text';

/**
 * How well a name answers what was typed: the lower the better, null not at all. Its beginning, then the beginning of a word, then any part, then
 * letters left out between (`prj150` for `Project 150`, `dt` for `Design team`). Ignores case and accents.
 */
export function matchRank(name: string, typed: string): number | null {
  const wanted = fold(typed.trim());
  if (wanted === '') return 0;
  const text = fold(name);
  if (text.startsWith(wanted)) return 0;
  const words = text.split(separators).filter(Boolean);
  if (words.some((word) => word.startsWith(wanted))) return 1;
  if (words.map((word) => Array.from(word)[0]).join('').startsWith(wanted)) return 2;
  if (text.includes(wanted)) return 3;
  return skips(words, wanted.replace(new RegExp(separators, 'g'), '')) ? 4 : null;
}

const separators = /[\s._-]+/u;

/** Whether the letters are found in this order, beginning with a word's first. A number is found where one begins so: `p1` is not `Project 21`. */
function skips(words: readonly string[], wanted: string): boolean {
  const parts = wanted.match(/\d+|\D/gu) ?? [];
  const text = words.join(' ');
  return words.some((word, index) => {
    const start = words.slice(0, index).join(' ').length + (index > 0 ? 1 : 0);
    if (parts[0] === undefined || !word.startsWith(parts[0])) return false;
    let at = start;
    return parts.every((part) => {
      const found = /\d/.test(part) ? numberFrom(text, part, at) : text.indexOf(part, at);
      at = found + part.length;
      return found >= 0;
    });
  });
}

/** Where a number begins with these digits. */
function numberFrom(text: string, digits: string, from: number): number {
  for (let at = text.indexOf(digits, from); at >= 0; at = text.indexOf(digits, at + 1)) if (at === 0 || !/\d/.test(text[at - 1] ?? '')) return at;
  return -1;
}
