import * as v from 'valibot';
import { problem } from './schemas';

/** An error response of the server, or `offline` if there was no response. `fields` names the fields that were refused. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly fields: readonly string[];

  constructor(status: number, code: string, fields: readonly string[] = []) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

export const errorCode = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
type Headers = Readonly<Record<string, string>>;
export type Query = Readonly<Record<string, string | number | undefined>>;

export interface HttpOptions {
  /** Renews the session; true if the request can be retried. */
  readonly renew: () => Promise<boolean>;
  readonly onSessionLost: () => void;
  /** Whether the session is known to have expired: then it is renewed first. */
  readonly expired?: () => boolean;
  readonly fetch?: typeof fetch;
}

const timeoutMs = 20_000;

export class Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  async get<S extends v.GenericSchema>(schema: S, path: string, query: Query = {}): Promise<v.InferOutput<S>> {
    const params = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) if (value !== undefined && value !== '') params.set(key, String(value));
    const search = params.size > 0 ? `?${params}` : '';
    return read(schema, await this.#send('GET', path + search, undefined));
  }

  async send<S extends v.GenericSchema>(schema: S, method: Method, path: string, body?: unknown, headers?: Headers, keepalive = false): Promise<v.InferOutput<S>> {
    return read(schema, await this.#send(method, path, body, headers, keepalive));
  }

  async #send(method: Method, path: string, body: unknown, headers?: Headers, keepalive = false): Promise<Response> {
    const anonymous = /^\/api\/auth\/(login|register)$/.test(path);
    if (!anonymous && this.#options.expired?.() === true) await this.#options.renew();
    let response = await rawRequest(method, path, body, this.#options.fetch, headers, keepalive);
    if (response.status === 401) {
      const failure = await readProblem(response);
      if (anonymous) throw failure;
      if (!(await this.#options.renew())) {
        this.#options.onSessionLost();
        throw failure;
      }
      response = await rawRequest(method, path, body, this.#options.fetch, headers, keepalive);
      if (response.status === 401) this.#options.onSessionLost();
    }
    if (!response.ok) throw await readProblem(response);
    return response;
  }
}

/** The header `X-AkkaChat` proves to the server that no other site has sent the request. */
export async function rawRequest(method: Method, path: string, body?: unknown, fetcher: typeof fetch = fetch, extra: Headers = {}, keepalive = false): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', ...extra };
  if (method !== 'GET') headers['X-AkkaChat'] = '1';
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    return await fetcher(path, {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(timeoutMs),
      ...(keepalive ? { keepalive } : {}),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, 'offline');
  }
}

export async function readProblem(response: Response): Promise<ApiError> {
  let json: unknown = null;
  try {
    json = await response.json();
  } catch {
    // a proxy's page, or no body: use the status
  }
  const parsed = v.safeParse(problem, json);
  const code = parsed.success && parsed.output.code !== 'unknown' ? parsed.output.code : codeOfStatus(response.status);
  const fields = parsed.success ? Object.keys(parsed.output.errors ?? {}).map((field) => field.toLowerCase()) : [];
  return new ApiError(response.status, code, fields);
}

function codeOfStatus(status: number): string {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 429) return 'rate_limited';
  if (status === 400) return 'invalid';
  return status >= 500 ? 'unavailable' : 'unknown';
}

async function read<S extends v.GenericSchema>(schema: S, response: Response): Promise<v.InferOutput<S>> {
  const json: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  console.warn('akkachat: an answer of another shape than expected', response.url, parsed.issues);
  throw new ApiError(response.status, 'malformed');
}
