import { describe, expect, it } from 'vitest';
import { plainLine, withoutMarkdown } from './text';

describe('plainLine', () => {
  it.each([
    ['**bold** and ~~gone~~ and `code`', 'bold and gone and code'],
    ['# Title\n\n- one\n- two', 'Title one two'],
    ['> said\nanswered', 'said answered'],
    ['see [the **page**](https://example.org/a_b) now', 'see the page now'],
    ['![a cat](https://example.org/cat.png)', 'a cat'],
    ['```ts\nconst a = 1;\n```', 'const a = 1;'],
    ['a * b, 2 - 1, [x] (y)', 'a * b, 2 - 1, [x] (y)'],
    ['   ', ''],
  ])('makes a line of %j', (text, line) => {
    expect(plainLine(text)).toBe(line);
  });
});

describe('withoutMarkdown', () => {
  const marked = (text: string, word: string) => {
    const { text: plain, ranges } = withoutMarkdown(text, [{ start: text.indexOf(word), length: word.length }]);
    return [plain, ...ranges.map(({ start, length }) => plain.slice(start, start + length))];
  };

  it('keeps ranges where their words are', () => {
    expect(marked('**a** [link](https://example.org) and `found` it', 'found')).toEqual(['a link and found it', 'found']);
    expect(marked('the [found link](https://example.org)', 'found')).toEqual(['the found link', 'found']);
  });

  it('keeps a mark that a range touches', () => {
    expect(marked('call __init__ twice', '__init__')).toEqual(['call __init__ twice', '__init__']);
    expect(marked('[docs](https://example.org/found)', 'found')).toEqual(['[docs](https://example.org/found)', 'found']);
  });
});
