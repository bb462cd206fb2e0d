import { readProblem } from './http';

/** What the server says of a file's form that a browser element could not load: an element tells no reasons. */
export type FileStatus = { readonly state: 'ready' | 'gone' | 'unreachable' } | { readonly state: 'processing'; readonly retryAfterMs: number };

export async function fileStatus(url: string, fetcher: typeof fetch = fetch): Promise<FileStatus> {
  try {
    // Where it leads to is not asked: that there is a way is enough.
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
