import * as v from 'valibot';
import type { RefreshOutcome } from '@/lib/socket/socket-client';
import { rawRequest } from './http';

const key = 'akkachat.refreshed-at';
const expiryKey = 'akkachat.expires-at';
/** A session this close to its expiry is renewed before it is used. */
const marginMs = 10_000;

/** The access token's lifetime from the response of login, register or refresh, since the cookie cannot be read. */
export function noteLifetime(expiresIn: number): void {
  localStorage.setItem(expiryKey, String(Date.now() + expiresIn * 1000 - marginMs));
}

/** A request with an expired session would be refused, and logged as an error in the console. */
export function needsRefresh(): boolean {
  const at = localStorage.getItem(expiryKey);
  return at !== null && Date.now() >= Number(at);
}

/**
 * Renews the session's cookies once for all concurrent callers, across tabs: a refresh token can be used once, and two tabs that use it
 * at the same time would end the session.
 */
export function createRefresh(fetcher: typeof fetch = fetch): () => Promise<RefreshOutcome> {
  let running: Promise<RefreshOutcome> | null = null;

  async function once(askedAt: number): Promise<RefreshOutcome> {
    if (Number(localStorage.getItem(key)) > askedAt) return 'ok'; // another tab was first
    try {
      const response = await rawRequest('POST', '/api/auth/refresh', undefined, fetcher);
      if (response.ok) {
        localStorage.setItem(key, String(Date.now()));
        const renewed = v.safeParse(v.object({ expiresIn: v.number() }), await response.json().catch(() => null));
        if (renewed.success) noteLifetime(renewed.output.expiresIn);
        else localStorage.removeItem(expiryKey);
        return 'ok';
      }
      return response.status === 401 || response.status === 403 ? 'denied' : 'unreachable';
    } catch {
      return 'unreachable';
    }
  }

  return () => {
    const askedAt = Date.now();
    running ??= (async () => {
      try {
        // navigator.locks exists only in secure contexts.
        return 'locks' in navigator ? await navigator.locks.request('akkachat-refresh', () => once(askedAt)) : await once(askedAt);
      } finally {
        running = null;
      }
    })();
    return running;
  };
}
