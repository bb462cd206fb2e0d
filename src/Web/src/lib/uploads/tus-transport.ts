import * as v from 'valibot';
import { DetailedError, Upload } from 'tus-js-client';
import { problem } from '@/lib/api/schemas';
import type { TransportOptions, UploadFailure, UploadTransport } from './upload-transport';

const endpoint = '/api/uploads';
/** A request this long at most: the server checks the session and the membership again at each. */
const chunkBytes = 20 * 1_024 * 1_024;

/** Uploads by tus 1.0 (docs/files.md). A new attempt asks the server how much it has, and goes on from there. */
export function tusTransport({ freshSession }: TransportOptions): UploadTransport {
  return {
    start({ file, name, room, purpose, resumeKey, url, isTaken }, events) {
      let stopped = false;
      const upload = new Upload(file, {
        endpoint,
        chunkSize: chunkBytes,
        retryDelays: null,
        headers: { 'X-AkkaChat': '1' },
        metadata: { filename: name, filetype: file.type, ...(room !== null && { room }), ...(purpose && { purpose }) },
        fingerprint: () => Promise.resolve(resumeKey),
        storeFingerprintForResuming: true,
        removeFingerprintOnSuccess: true,
        onBeforeRequest: () => freshSession(false),
        onUploadUrlAvailable: () => {
          if (!stopped && upload.url !== null) events.onUrl(upload.url);
        },
        onProgress: (sent) => {
          if (!stopped) events.onProgress(sent);
        },
        onSuccess: () => {
          if (!stopped) events.onDone(upload.url ?? '');
        },
        onError: (error) => {
          const failure = failureOf(error);
          const renewed = failure.code === 'unauthenticated' ? freshSession(true) : Promise.resolve();
          void renewed.then(() => {
            if (!stopped) events.onError(failure);
          });
        },
      });
      void begin(upload, url, isTaken, () => stopped);
      return () => {
        stopped = true;
        void upload.abort().catch(() => undefined);
      };
    },
  };
}

async function begin(upload: Upload, url: string | null, isTaken: (url: string) => boolean, isStopped: () => boolean): Promise<void> {
  if (url !== null) upload.options.uploadUrl = url;
  else {
    const all = await upload.findPreviousUploads().catch(() => []);
    const previous = all.find(({ uploadUrl }) => uploadUrl !== null && !isTaken(uploadUrl));
    if (previous) upload.resumeFromPreviousUpload(previous);
  }
  if (!isStopped()) upload.start();
}

export function failureOf(error: Error): UploadFailure {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  const status = response?.getStatus() ?? 0;
  if (!response || status === 0) return { code: 'offline', retryable: true, retryAfterMs: null };
  const body = v.safeParse(v.pipe(v.string(), v.parseJson(), problem), response.getBody());
  const code = body.success && body.output.code !== 'unknown' ? body.output.code : codes[status] ?? (status >= 500 ? 'unavailable' : 'unknown');
  const after = Number(response.getHeader('Retry-After'));
  // An upload that has gone is begun anew by the next attempt.
  const gone = status === 404 && error instanceof DetailedError && error.originalRequest.getMethod() === 'PATCH';
  const retryable = status >= 500 || gone || code === 'locked' || code === 'offset_mismatch' || code === 'rate_limited' || code === 'unauthenticated';
  return { code, retryable, retryAfterMs: Number.isFinite(after) && after > 0 ? after * 1_000 : null };
}

const codes: Readonly<Record<number, string>> = {
  401: 'unauthenticated', 403: 'forbidden', 404: 'not_found', 409: 'offset_mismatch', 413: 'too_large', 423: 'locked', 429: 'rate_limited',
};
