/** One file on its way to the server: what a transport needs to carry it. */
export interface UploadJob {
  readonly file: File;
  readonly name: string;
  /** Null where it is of no room. */
  readonly room: string | null;
  /** Absent: to go with a message. */
  readonly purpose?: 'avatar' | 'room-picture' | undefined;
  /** The same for the same file picked again: an upload that a reload has cut goes on where it stopped. */
  readonly resumeKey: string;
  /** Where an earlier attempt has begun it. */
  readonly url: string | null;
  /** Whether another file of this page is there already: the same one may be picked twice. */
  readonly isTaken: (url: string) => boolean;
}

export interface UploadEvents {
  /** The server has begun it. The file's id is the last part of the address. */
  readonly onUrl: (url: string) => void;
  readonly onProgress: (sentBytes: number) => void;
  readonly onDone: (url: string) => void;
  readonly onError: (failure: UploadFailure) => void;
}

export interface UploadFailure {
  /** The problem's code, or `offline` where there was no answer. */
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
}

/** Carries the bytes of one attempt; when it is to be tried again is not its business. */
export interface UploadTransport {
  /** Ends the attempt, without an event. */
  start(job: UploadJob, events: UploadEvents): () => void;
}

export interface TransportOptions {
  /** Renews the session where it is known to have expired, or where the server has said so. */
  readonly freshSession: (refused: boolean) => Promise<void>;
}

/** The upload client is loaded with the first file: nobody who signs in waits for it. */
export function lazyTransport(options: TransportOptions): UploadTransport {
  let loaded: Promise<UploadTransport> | null = null;
  const load = () =>
    (loaded ??= import('./tus-transport').then(
      (module) => module.tusTransport(options),
      (error: unknown) => {
        loaded = null;
        throw error;
      },
    ));
  return {
    start(job, events) {
      let stopped = false;
      let stop = (): void => {
        stopped = true;
      };
      load().then(
        (transport) => {
          if (!stopped) stop = transport.start(job, events);
        },
        () => {
          if (!stopped) events.onError({ code: 'offline', retryable: true, retryAfterMs: null });
        },
      );
      return () => stop();
    },
  };
}
