import { describe, expect, it } from 'vitest';
import { importedBy } from '../../build/first-view';

const modules: Readonly<Record<string, readonly string[]>> = { page: ['app', 'react'], app: ['store', 'page'], store: ['react'], react: [], later: ['react'] };
const getModule = (id: string) => ({ importedIds: modules[id] ?? [] });

describe('importedBy', () => {
  it('finds what a module imports, directly or not, once', () => {
    expect([...importedBy('page', getModule)]).toEqual(['app', 'store', 'react']);
  });

  it('leaves out the module itself and what it only loads later', () => {
    const found = importedBy('page', getModule);
    expect(found.has('page')).toBe(false);
    expect(found.has('later')).toBe(false);
  });

  it('finds nothing for a module that is not there', () => {
    expect(importedBy('absent', () => null).size).toBe(0);
  });
});
