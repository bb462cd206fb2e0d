import { ApiError, errorCode } from '@/lib/api/http';
import { createUuid7 } from '@/lib/uuid7';
import type { UploadTransport } from './upload-transport';

export interface PictureJob {
  readonly file: File;
  readonly purpose: 'avatar' | 'room-picture';
  /** Of a room's picture. */
  readonly room: string | null;
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal;
}

const maxAttempts = 5;
const maxWaits = 60;
const waitMs = 500;

/** Carries a picture to the server; its file's id. What is refused for good is thrown, with the problem's code. */
export async function uploadPicture(transport: UploadTransport, job: PictureJob): Promise<string> {
  const resumeKey = `picture-${createUuid7(Date.now)()}`;
  let url: string | null = null;
  for (let attempt = 1; ; attempt++) {
    const outcome = await carry(transport, job, resumeKey, url, (found) => (url = found));
    if (typeof outcome === 'string') return outcome.split('/').at(-1) ?? '';
    if (!outcome.retryable || attempt === maxAttempts) throw new ApiError(0, outcome.code === 'too_large' ? 'file_too_large' : outcome.code);
    await pause(outcome.retryAfterMs ?? 500 * 2 ** attempt, job.signal);
  }
}

/** `change` answers `busy` until the picture has been processed. */
export async function onceProcessed<T>(change: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let waits = 0; ; waits++) {
    try {
      return await change();
    } catch (error) {
      if (errorCode(error) !== 'busy' || waits === maxWaits) throw error;
      await pause(waitMs, signal);
    }
  }
}

type Outcome = string | { readonly code: string; readonly retryable: boolean; readonly retryAfterMs: number | null };

function carry(transport: UploadTransport, { file, purpose, room, onProgress, signal }: PictureJob, resumeKey: string, url: string | null, onUrl: (url: string) => void): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const stop = transport.start(
      { file, name: file.name, room, purpose, resumeKey, url, isTaken: () => false },
      {
        onUrl,
        onProgress: (sent) => onProgress(file.size === 0 ? 1 : sent / file.size),
        onDone: resolve,
        onError: resolve,
      },
    );
    signal.addEventListener('abort', () => {
      stop();
      reject(aborted());
    });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(aborted());
    });
  });
}

const aborted = (): ApiError => new ApiError(0, 'aborted');
