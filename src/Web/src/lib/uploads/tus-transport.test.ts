import { DetailedError } from 'tus-js-client';
import { describe, expect, it } from 'vitest';
import { failureOf } from './tus-transport';

function refusal(status: number, body: string, headers: Record<string, string> = {}, method = 'PATCH'): Error {
  const response = { getStatus: () => status, getBody: () => body, getHeader: (name: string) => headers[name] };
  return Object.assign(Object.create(DetailedError.prototype) as DetailedError, { originalResponse: response, originalRequest: { getMethod: () => method } });
}

describe('failureOf', () => {
  it('takes no answer for a lost connection', () => {
    expect(failureOf(new Error('offline'))).toEqual({ code: 'offline', retryable: true, retryAfterMs: null });
    expect(failureOf(refusal(0, ''))).toMatchObject({ code: 'offline', retryable: true });
  });

  it.each([
    [423, 'locked', true],
    [409, 'offset_mismatch', true],
    [503, 'busy', true],
    [429, 'rate_limited', true],
    [401, 'unauthenticated', true],
    [429, 'too_many_uploads', false],
    [413, 'quota_exceeded', false],
    [415, 'bad_image', false],
    [403, 'forbidden', false],
  ])('%i %s is retried: %s', (status, code, retryable) => {
    expect(failureOf(refusal(status, JSON.stringify({ code })))).toMatchObject({ code, retryable });
  });

  it('begins anew what has gone from the server, but not in a room that is not there', () => {
    expect(failureOf(refusal(404, '{"code":"not_found"}')).retryable).toBe(true);
    expect(failureOf(refusal(404, '{"code":"not_found"}', {}, 'POST')).retryable).toBe(false);
  });

  it('tells how long to wait, and what a proxy’s page means by its status', () => {
    expect(failureOf(refusal(423, '{"code":"locked"}', { 'Retry-After': '2' })).retryAfterMs).toBe(2_000);
    expect(failureOf(refusal(502, '<html>'))).toEqual({ code: 'unavailable', retryable: true, retryAfterMs: null });
  });
});
