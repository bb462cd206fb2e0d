import { render } from '@testing-library/react';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { loadMarkdown, MessageText } from './message-text';
import { RowTab } from './row-tab';
import { safeUrl } from './safe-url';

const attacks = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[x](vbscript:msgbox(1))',
  '[x](file:///etc/passwd)',
  '[x](//evil.example)',
  '[x](#/r/r_1)',
  '<javascript:alert(1)>',
  '![x](javascript:alert(1))',
  '![x](https://tracker.example/pixel.png)',
  '![x" onerror="alert(1)](x)',
  '[x]: javascript:alert(1)\n[x]',
  '[x](https://a.example "onmouseover=alert(1)")',
  '`<script>alert(1)</script>`',
  '```html\n<script>alert(1)</script>\n```',
  '<details open ontoggle=alert(1)>',
  '<style>*{background:url(javascript:alert(1))}</style>',
  '<form action="javascript:alert(1)"><input type=submit></form>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '| a |\n|---|\n| <img src=x onerror=alert(1)> |',
  '- [ ] <input onfocus=alert(1) autofocus>',
  'text[^1]\n\n[^1]: [x](javascript:alert(1))',
  'https://a.example/"onclick="alert(1)',
];

describe('MessageText', () => {
  beforeAll(loadMarkdown);

  it.each(attacks)('renders nothing that runs: %s', (text) => {
    const { container } = render(<MessageText text={text} />);
    // The page's own, beside a block of code.
    for (const own of container.querySelectorAll('[data-testid=code-copy]')) own.remove();
    expect(container.querySelector('script, style, iframe, object, embed, svg, img, form, input, button, base, link, meta, math, details')).toBeNull();
    for (const element of container.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on/i);
        expect(name === 'href' && !/^(https?:|mailto:)/i.test(value)).toBe(false);
        expect(['src', 'srcset', 'action', 'formaction', 'style', 'srcdoc']).not.toContain(name);
      }
    }
  });

  it('opens links elsewhere, without a way back', () => {
    const { container } = render(<MessageText text="see https://example.org and [mail](mailto:a@example.org)" />);
    const links = [...container.querySelectorAll('a')];
    expect(links.map((link) => link.getAttribute('href'))).toEqual(['https://example.org', 'mailto:a@example.org']);
    for (const link of links) {
      expect(link.rel).toContain('noopener');
      expect(link.target).toBe('_blank');
    }
  });

  it('renders what people write', () => {
    const { container } = render(<MessageText text={'**bold** _it_ ~~no~~ `code`\nnext line\n\n- a\n- b\n\n> quote\n\n```\npre\n```'} />);
    for (const tag of ['strong', 'em', 'del', 'code', 'ul', 'li', 'blockquote', 'pre']) expect(container.querySelector(tag), tag).not.toBeNull();
    expect(container.textContent).toContain('next line');
  });

  it.each(['plain words', '2 < 3 && 4 > 1', 'a_b_c', '1. not a list?', '5 * 3 = 15', 'snake_case and http://x.example'])('keeps the words of “%s”', (text) => {
    const { container } = render(<MessageText text={text} />);
    expect(container.textContent.replace(/\s+/g, ' ').trim()).toContain(text.replace(/^\d+\. /, ''));
  });

  it.each(['Use List<int> here', '<div>hello</div>', '<!-- note -->', '[ref]: http://a.example', '#', '>', '-', '> <b>x</b>', '<details>\n<summary>', '\\', '[a]: x\n[b]: y'])(
    'loses nothing of “%s”', (text) => {
      const { container } = render(<MessageText text={text} />);
      expect(container.textContent.replace(/\s/g, '').replace(/^>(?=.)/, '')).toBe(text.replace(/\s/g, '').replace(/^>(?=.)/, ''));
    });

  it('colours code where its language is named, and shows it as it is', async () => {
    const { container } = render(<MessageText text={'```js\nconst a = "<b>"; // x\n```'} />);
    const code = () => container.querySelector('pre code')!;
    expect(code().textContent).toBe('const a = "<b>"; // x');
    await vi.waitFor(() => expect(code().querySelectorAll('span').length).toBeGreaterThan(2), 10_000);
    expect(code().textContent).toBe('const a = "<b>"; // x');
    expect(code().querySelector('b')).toBeNull();
  });

  it('follows a definition that is referred to', () => {
    const { container } = render(<MessageText text={'see [ref]\n\n[ref]: http://a.example'} />);
    expect(container.querySelector('a')?.getAttribute('href')).toBe('http://a.example');
    expect(container.textContent).not.toContain('http://a.example');
  });

  it('knows safe addresses', () => {
    expect(safeUrl('https://a.example')).toBe('https://a.example');
    expect(safeUrl('javascript:alert(1)')).toBe('');
    expect(safeUrl(' javascript:alert(1)')).toBe('');
    expect(safeUrl(undefined)).toBe('');
  });

  it('makes links, mentions and code stops of Tab only in the message that has the focus', () => {
    const { container, rerender } = render(<RowTab value={-1}><MessageText text={'see https://example.org and\n\n```\ncode\n```'} /></RowTab>);
    const stops = () => [...container.querySelectorAll<HTMLElement>('a, button, pre')].map(({ tabIndex }) => tabIndex);
    expect(stops()).toEqual([-1, -1, -1]);
    rerender(<RowTab value={0}><MessageText text={'see https://example.org and\n\n```\ncode\n```'} /></RowTab>);
    expect(stops()).toEqual([0, 0, 0]);
  });
});
