import { describe, expect, it } from 'vitest';
import { suggestAudiences, suggestEmoji, suggestPeople, tokenAt } from './suggestions';

const person = (username: string, displayName: string) => ({ id: `u_${username}`, username, displayName });

describe('suggestions', () => {
  it('finds what is being typed before the caret', () => {
    expect(tokenAt('hi @an', 6)).toEqual({ kind: '@', start: 3, query: 'an' });
    expect(tokenAt('hi @an and', 6)).toEqual({ kind: '@', start: 3, query: 'an' });
    expect(tokenAt('@', 1)).toEqual({ kind: '@', start: 0, query: '' });
    expect(tokenAt(':ro', 3)).toEqual({ kind: ':', start: 0, query: 'ro' });
    for (const text of ['me@example', 'at 10:30', 'nice :)', ':r', 'hi @an done', 'https://a']) expect(tokenAt(text, text.length)).toBeNull();
  });

  it('suggests members by the start of a name, without accents, and never oneself', () => {
    const users = [person('jose', 'José Ünal'), person('ana', 'Ana'), person('uma', 'Uma')];
    expect(suggestPeople(users, 'un', 'u_ana').map(({ insert }) => insert)).toEqual(['@jose ']);
    expect(suggestPeople(users, '', 'u_ana').map(({ label }) => label)).toEqual(['José Ünal', 'Uma']);
  });

  it('suggests the words that mention all, below the members', () => {
    const names = [{ audience: 'room', detail: 'all' }, { audience: 'here', detail: 'online' }] as const;
    expect(suggestAudiences(names, '').map(({ insert }) => insert)).toEqual(['@room ', '@here ']);
    expect(suggestAudiences(names, 'RO').map(({ label }) => label)).toEqual(['@room']);
    expect(suggestAudiences(names, 'rooms')).toEqual([]);
  });

  it('suggests emoji by name before those by tag', () => {
    const names = [
      { emoji: '🚀', label: 'rocket', tags: ['launch'] },
      { emoji: '🛰️', label: 'satellite', tags: ['rocket science'] },
      { emoji: '👍', label: 'thumbs up', tags: [] },
    ];
    expect(suggestEmoji(names, 'rock').map(({ label }) => label)).toEqual(['🚀', '🛰️']);
    expect(suggestEmoji(names, 'thumbs_up').map(({ insert }) => insert)).toEqual(['👍 ']);
  });
});
