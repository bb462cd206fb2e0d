import { describe, expect, it } from 'vitest';
import { matchRank } from './match';

describe('matchRank', () => {
  it.each([
    ['Project 150', 'proj'], ['Project 150', 'PROJECT 150'], ['Project 150', '150'], ['Project 150', 'prj150'], ['Project 150', 'p150'], ['Project 150', 'p1'], ['Zeppelin1143f5 150', 'zpl150'],
    ['Design team', 'dt'], ['design-team', 'dt'], ['Açaí às três', 'acai'], ['Office Lisbon', 'lis'], ['Office Lisbon', 'bon'], ['会議室 東京', '東京'],
  ])('finds %s by %s', (name, typed) => expect(matchRank(name, typed)).not.toBeNull());

  it.each([
    ['Project 150', 'prj151'], ['Project 21', 'p1'], ['Project 150', 'rj'], ['Design team', 'td'], ['Project 105', 'p15'], ['Office', 'officer'],
  ])('does not find %s by %s', (name, typed) => expect(matchRank(name, typed)).toBeNull());

  it('puts the beginning of the name first, then of a word, initials, a part, and what leaves letters out', () => {
    const names = ['Ad astra team', 'Aetna', 'Team at 9', 'Wide team', 'Teams', 'My Team', 'Steam', 'Tall elm area map'];
    const found = names.map((name) => [name, matchRank(name, 'team')] as const).filter(([, rank]) => rank !== null);
    expect(new Map(found)).toEqual(new Map([['Ad astra team', 1], ['Team at 9', 0], ['Wide team', 1], ['Teams', 0], ['My Team', 1], ['Steam', 3], ['Tall elm area map', 2]]));
  });

  it('finds everything for nothing', () => expect(matchRank('anything', '  ')).toBe(0));
});
