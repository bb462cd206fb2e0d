import { describe, expect, it } from 'vitest';
import { message } from '@/test/build';
import { audiencesOf, mayHaveAudience } from './audience';
import { isMentioned } from './message-changes';

describe('audience', () => {
  it('offers the words to those who may use them', () => {
    expect(audiencesOf({ visibility: 'public', memberCount: 100, role: 'member' })).toEqual(['room', 'here']);
    expect(audiencesOf({ visibility: 'private', memberCount: 101, role: 'member' })).toEqual([]);
    expect(audiencesOf({ visibility: 'private', memberCount: 500, role: 'admin' })).toEqual(['room', 'here']);
    expect(audiencesOf({ visibility: 'private', memberCount: 501, role: 'owner' })).toEqual(['room']);
    expect(audiencesOf({ visibility: 'direct', memberCount: 2, role: 'member' })).toEqual([]);
  });

  it('counts a mention of the room for all but its author', () => {
    const toAll = message(1, 1, { audience: 'room' });
    expect(isMentioned(toAll, 'u_other')).toBe(true);
    expect(isMentioned(toAll, toAll.author.id)).toBe(false);
    expect(isMentioned(message(1, 1, { audience: 'here' }), 'u_other')).toBe(false);
    expect(isMentioned(message(1, 1, { audience: 'here', mentions: ['u_other'] }), 'u_other')).toBe(true);
  });

  it('leaves a text that may mention all to the server', () => {
    expect(['@room', 'hi @HERE'].every(mayHaveAudience)).toBe(true);
    expect(mayHaveAudience('the room is here')).toBe(false);
  });
});
