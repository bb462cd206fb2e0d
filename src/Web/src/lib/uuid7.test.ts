import { describe, expect, it } from 'vitest';
import { createUuid7, uuid7Time } from './uuid7';

describe('createUuid7', () => {
  it('has the form, version and variant of RFC 9562, and the time it was made', () => {
    const id = createUuid7(() => 1_700_000_000_123)();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuid7Time(id)).toBe(1_700_000_000_123);
  });

  it('sorts in the order of making, within a millisecond and when the clock steps back', () => {
    let time = 1_700_000_000_000;
    const next = createUuid7(() => time);
    const ids = Array.from({ length: 10_000 }, (_, i) => {
      if (i === 3_000) time += 5;
      if (i === 6_000) time -= 1_000;
      return next();
    });
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
