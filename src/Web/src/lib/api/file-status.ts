import { readProblem } from './http';

/** Asks the server why a browser element could not load a file, since elements give no reason. */
export type FileStatus = { readonly state: 'ready' | 'gone' | 'unreachable' } | { readonly state: 'processing'; readonly retryAfterMs: number };

export async function fileStatus(url: string, fetcher: typeof fetch = fetch): Promise<FileStatus> {
  try {
    // The redirect is not followed: that there is one is enough.
    const response = await fetcher(url, { redirect: 'manual', credentials: 'same-origin', cache: 'no-store' });
    if (response.type === 'opaqueredirect' || response.ok) return { state: 'ready' };
    if (response.status >= 500 || response.status === 429) return { state: 'unreachable' };
    const { code } = await readProblem(response);
    if (code !== 'processing') return { state: 'gone' };
    const seconds = Number(response.headers.get('Retry-After'));
    return { state: 'processing', retryAfterMs: (seconds > 0 ? seconds : 1) * 1_000 };
  } catch {
    return { state: 'unreachable' };
  }
}
