import * as v from 'valibot';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Http } from './http';
import { createRefresh, needsRefresh, noteLifetime } from './session-refresh';

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
const thing = v.object({ id: v.string() });

function create(answers: Response[], renews = true) {
  const fetcher = vi.fn<typeof fetch>(() => Promise.resolve(answers.shift() ?? json(500, {})));
  const onSessionLost = vi.fn();
  const renew = vi.fn(() => Promise.resolve(renews));
  return { http: new Http({ fetch: fetcher, renew, onSessionLost, expired: needsRefresh }), fetcher, renew, onSessionLost };
}

describe('Http', () => {
  beforeEach(() => localStorage.clear());

  it('renews the session once and tries again', async () => {
    const { http, renew, onSessionLost } = create([json(401, { code: 'unauthenticated' }), json(200, { id: 'a' })]);
    expect(await http.get(thing, '/api/x')).toEqual({ id: 'a' });
    expect(renew).toHaveBeenCalledTimes(1);
    expect(onSessionLost).not.toHaveBeenCalled();
  });

  it('gives up the session where it cannot be renewed', async () => {
    const { http, fetcher, onSessionLost } = create([json(401, { code: 'unauthenticated' })], false);
    await expect(http.get(thing, '/api/x')).rejects.toMatchObject({ status: 401 });
    expect(onSessionLost).toHaveBeenCalledTimes(1);
    expect(fetcher).toHaveBeenCalledTimes(1);
  });

  it('takes a refused login for what it is', async () => {
    const { http, renew } = create([json(401, { code: 'bad_credentials' })]);
    await expect(http.send(thing, 'POST', '/api/auth/login', {})).rejects.toMatchObject({ code: 'bad_credentials' });
    expect(renew).not.toHaveBeenCalled();
  });

  it('renews a session that is known to have expired before it is used', async () => {
    noteLifetime(5);
    const { http, renew } = create([json(200, { id: 'a' })]);
    await http.get(thing, '/api/x');
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it('marks state changes, and only them', async () => {
    const { http, fetcher } = create([json(200, { id: 'a' }), json(200, { id: 'a' })]);
    await http.get(thing, '/api/x', { search: 'a b', cursor: undefined });
    await http.send(thing, 'POST', '/api/x', { a: 1 });
    expect(fetcher.mock.calls[0]![0]).toBe('/api/x?search=a+b');
    expect(fetcher.mock.calls[0]![1]?.headers).not.toHaveProperty('X-AkkaChat');
    expect(fetcher.mock.calls[1]![1]?.headers).toMatchObject({ 'X-AkkaChat': '1' });
  });

  it('tells the code and the fields of a problem, and what has none by its status', async () => {
    const { http } = create([json(400, { code: 'invalid', errors: { DisplayName: ['too long'] } }), new Response('<html>', { status: 502 })]);
    await expect(http.get(thing, '/api/x')).rejects.toMatchObject({ code: 'invalid', fields: ['displayname'] });
    await expect(http.get(thing, '/api/x')).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('createRefresh', () => {
  beforeEach(() => localStorage.clear());

  it('is one request for all who ask at a time', async () => {
    const fetcher = vi.fn<typeof fetch>(() => Promise.resolve(json(200, { expiresIn: 900 })));
    const refresh = createRefresh(fetcher);
    expect(await Promise.all([refresh(), refresh(), refresh()])).toEqual(['ok', 'ok', 'ok']);
    expect(fetcher).toHaveBeenCalledTimes(1);
    expect(needsRefresh()).toBe(false);
  });

  it('tells a refusal from a server that is not there', async () => {
    expect(await createRefresh(() => Promise.resolve(json(401, {})))()).toBe('denied');
    expect(await createRefresh(() => Promise.resolve(json(503, {})))()).toBe('unreachable');
    expect(await createRefresh(() => Promise.reject(new TypeError('offline')))()).toBe('unreachable');
  });
});
