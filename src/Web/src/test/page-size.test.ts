import type { Rollup } from 'vite';
import { describe, expect, it } from 'vitest';
import { initialChunks, pageSize } from '../../build/page-size';

const chunk = (fileName: string, extra: Partial<Rollup.OutputChunk> = {}): Rollup.OutputChunk =>
  ({ type: 'chunk', fileName, code: '', imports: [], isEntry: false, facadeModuleId: null, ...extra }) as Rollup.OutputChunk;

/** Random letters do not compress: about three quarters of a byte each. */
const random = (length: number) => Array.from({ length }, () => Math.floor(Math.random() * 64 + 40)).map((code) => String.fromCharCode(code)).join('');

const page = (shell: string) => [
  chunk('index.js', { isEntry: true, imports: ['vendor.js'] }),
  chunk('vendor.js'),
  chunk('shell.js', { facadeModuleId: '/work/src/app/shell.tsx', imports: ['vendor.js', 'ui.js'], code: shell }),
  chunk('ui.js'),
  chunk('settings.js', { imports: ['ui.js'], code: random(400_000) }),
];

function build(chunks: readonly Rollup.OutputChunk[]): string[] {
  const errors: string[] = [];
  const context = { error: (message: string) => errors.push(message), info: () => undefined };
  const hook = pageSize().generateBundle as unknown as (this: typeof context, options: object, bundle: object) => void;
  hook.call(context, {}, Object.fromEntries(chunks.map((one) => [one.fileName, one])));
  return errors;
}

describe('The size of the page', () => {
  it('counts the entry, the first view and what they import, each once', () => {
    expect(initialChunks(page('')).map(({ fileName }) => fileName).sort()).toEqual(['index.js', 'shell.js', 'ui.js', 'vendor.js']);
  });

  it('fails the build where the first view is too large, and only there', () => {
    expect(build(page(random(100_000)))).toEqual([]);
    expect(build(page(random(400_000))).join()).toContain('more than 200000');
  });

  it('fails the build where the first view is not found', () => {
    expect(build([chunk('index.js', { isEntry: true })]).join()).toContain('shell.tsx');
  });
});
