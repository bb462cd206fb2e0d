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

/** Whether the letters are found in this order, beginning with a word's first. Digits are typed in full: `p1` is not `Project 21`. */
function skips(words: readonly string[], wanted: string): boolean {
  const letters = Array.from(wanted);
  if (letters.length === 0) return false;
  const text = words.join(' ');
  for (let start = 0; start < text.length; start = nextWord(text, start)) {
    let at = start;
    const found = text[start] === letters[0] && letters.every((letter, i) => {
      const digits = /\d/.test(letter);
      const next = digits && i > 0 && !/\d/.test(letters[i - 1] ?? '') ? numberFrom(text, letter, at) : text.indexOf(letter, at);
      const fits = next >= 0 && (!digits || i === 0 || !/\d/.test(letters[i - 1] ?? '') || next === at);
      at = next + 1;
      return fits;
    });
    if (found) return true;
  }
  return false;
}

function nextWord(text: string, from: number): number {
  const space = text.indexOf(' ', from);
  return space < 0 ? text.length : space + 1;
}

/** Where a number begins with this digit. */
function numberFrom(text: string, digit: string, from: number): number {
  for (let at = text.indexOf(digit, from); at >= 0; at = text.indexOf(digit, at + 1)) if (at === 0 || !/\d/.test(text[at - 1] ?? '')) return at;
  return -1;
}
