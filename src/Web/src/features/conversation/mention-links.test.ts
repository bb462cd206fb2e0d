import type { Root } from 'mdast';
import { describe, expect, it } from 'vitest';
import { mentionLinks } from './mention-links';

const paragraph = (value: string): Root => ({ type: 'root', children: [{ type: 'paragraph', children: [{ type: 'text', value }] }] });

function links(tree: Root): string[] {
  mentionLinks()(tree);
  return JSON.stringify(tree).match(/mention:[\w.-]*/g) ?? [];
}

describe('mentionLinks', () => {
  it.each([
    ['hi @ana, and @bo.x!', ['mention:ana', 'mention:bo.x']],
    ['mail a@example.org', []],
    ['@an is too short', []],
    ['(@ana)', ['mention:ana']],
  ])('finds in %s', (text, found) => expect(links(paragraph(text))).toEqual(found));

  it('leaves code and links alone, and loses no letter', () => {
    const tree: Root = {
      type: 'root',
      children: [{
        type: 'paragraph',
        children: [{ type: 'inlineCode', value: '@ana' }, { type: 'link', url: 'https://a.example', children: [{ type: 'text', value: '@ana' }] }, { type: 'text', value: 'x @ana y' }],
      }],
    };
    expect(links(tree)).toEqual(['mention:ana']);
    expect(JSON.stringify(tree)).toContain('"x "');
    expect(JSON.stringify(tree)).toContain('" y"');
  });
});
