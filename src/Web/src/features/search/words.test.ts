import { describe, expect, it } from 'vitest';
import { filterWord, isoDay, partsOf, replaceWord, withoutWord, wordAt, wordsOf } from './words';

const shown = (text: string) => wordsOf(text).map(({ text: found, filter, value }) => [found, filter, value]);

describe('words of a search', () => {
  it('knows filters with and without quotes, and leaves text alone', () => {
    expect(shown('tea from:ana in:"Design team" -"no way" https://x.org has:')).toEqual([
      ['tea', null, ''],
      ['from:ana', 'from', 'ana'],
      ['in:"Design team"', 'in', 'Design team'],
      ['-"no way"', null, ''],
      ['https://x.org', null, ''],
      ['has:', 'has', ''],
    ]);
    expect(shown('in:"not clo sed')).toEqual([['in:"not clo sed', 'in', 'not clo sed']]);
    expect(shown('FROM:me 東京')).toEqual([['FROM:me', 'from', 'me'], ['東京', null, '']]);
  });

  it('finds the word at the caret', () => {
    expect(wordAt('tea from:an', 11)?.value).toBe('an');
    expect(wordAt('tea ', 4)).toBeNull();
    expect(wordAt('tea x', 2)?.text).toBe('tea');
  });

  it('replaces and removes words', () => {
    const text = 'tea from:an cake';
    const at = wordAt(text, 11)!;
    expect(replaceWord(text, at, filterWord('from', 'ana'), true)).toEqual({ text: 'tea from:ana cake', caret: 13 });
    expect(withoutWord(text, at)).toBe('tea cake');
    expect(withoutWord('from:an', wordAt('from:an', 3)!)).toBe('');
    expect(filterWord('in', 'Design "A" team')).toBe('in:"Design A team"');
  });

  it('cuts a text at its matches', () => {
    expect(partsOf('a bc d', [{ start: 2, length: 2 }])).toEqual([
      { text: 'a ', marked: false }, { text: 'bc', marked: true }, { text: ' d', marked: false },
    ]);
    expect(partsOf('', [])).toEqual([]);
  });

  it('writes days as the server reads them', () => expect(isoDay(new Date(2026, 0, 5))).toBe('2026-01-05'));
});
