import type { MessageFile } from '@/lib/api/schemas';
import { backoffDelay } from '@/lib/socket/backoff';
import { allowsType, kindOf } from '@/lib/files';
import { Store } from '@/lib/store';
import type { UploadFailure, UploadTransport } from './upload-transport';

/**
 * `refused` is said before a byte has been sent, `failed` by the server or after many attempts. `waiting` tries again by itself.
 * Only `done` can go with a message.
 */
export type UploadState = 'refused' | 'queued' | 'uploading' | 'waiting' | 'failed' | 'done';

export interface Upload {
  readonly key: string;
  readonly room: string;
  /** The root of the thread that it is for; null: the room itself. */
  readonly thread: string | null;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly state: UploadState;
  readonly sent: number;
  /** The code of what is wrong, where something is. */
  readonly error: string | null;
  /** The file's id, once the server has begun it. */
  readonly id: string | null;
  /** An object URL of an image. */
  readonly preview: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

export interface UploadLimits {
  readonly fileBytes: number;
  readonly fileTypes: readonly string[];
  readonly messageFiles: number;
}

/** What of the browser an image needs to be shown before the server has it. */
export interface ImagePreviews {
  readonly open: (file: File) => string;
  readonly close: (url: string) => void;
  /** Null where it cannot be shown. */
  readonly measure: (url: string) => Promise<{ readonly width: number; readonly height: number } | null>;
}

export interface UploadsOptions {
  readonly transport: UploadTransport;
  readonly limits: () => UploadLimits;
  readonly resumeKey: (room: string, file: File) => string;
  /** Takes an upload, or a file that no message carries, from the server. */
  readonly remove: (id: string) => Promise<unknown>;
  /** Keeps what is done and not sent over a reload, by its place: `room` or `room/thread`. */
  readonly keep: (place: string, files: readonly MessageFile[]) => void;
  readonly previews: ImagePreviews;
  readonly random?: () => number;
}

const atOnce = 3;
/** Attempts without a byte of progress before the user is asked. Being offline is no attempt. */
export const maxUploadAttempts = 12;
/** Previews of sent images that are kept: the sender sees them at once, and without asking the server. */
const keptPreviews = 60;
const busyStates: readonly UploadState[] = ['queued', 'uploading', 'waiting'];

export const isBusy = ({ state }: Upload): boolean => busyStates.includes(state);

/** The files on their way to the server, of all rooms, until a message takes them. */
export class Uploads {
  /** In the order they were added. */
  readonly items = new Store<readonly Upload[]>([]);

  readonly #options: UploadsOptions;
  readonly #files = new Map<string, File>();
  readonly #urls = new Map<string, string>();
  readonly #stops = new Map<string, () => void>();
  readonly #waits = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #attempts = new Map<string, number>();
  /** The most bytes that any attempt has sent: more is progress. */
  readonly #highWater = new Map<string, number>();
  readonly #sentPreviews = new Map<string, string>();
  #nextKey = 1;

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  /** What a reload has left of what was done and not sent. */
  restore(places: ReadonlyMap<string, readonly MessageFile[]>): void {
    const items = [...places].flatMap(([place, files]) => files.map(({ id, name, type, size, width, height }): Upload =>
      ({ key: this.#key(), ...inPlace(place), name, type, size, state: 'done', sent: size, error: null, id, preview: null, width, height })));
    if (items.length > 0) this.items.update((before) => [...items, ...before]);
  }

  of(room: string, thread: string | null = null): readonly Upload[] {
    return this.items.get().filter((item) => item.room === room && item.thread === thread);
  }

  /** The preview of an image that was sent from here. */
  previewOf(id: string): string | undefined {
    return this.#sentPreviews.get(id);
  }

  /** @returns how many were left out, because a message may have only so many. */
  add(room: string, files: readonly File[], thread: string | null = null): number {
    const { messageFiles } = this.#options.limits();
    let left = 0;
    for (const file of files) {
      const error = this.#refuse(file);
      const held = this.of(room, thread).filter((item) => (error === null) === (item.state !== 'refused')).length;
      if (held >= messageFiles) left++;
      else this.#begin(room, thread, file, error);
    }
    this.#pump();
    return left;
  }

  retry(key: string): void {
    const item = this.#find(key);
    if (item?.state !== 'failed') return;
    this.#attempts.delete(key);
    this.#change(key, { state: 'queued', error: null });
    this.#pump();
  }

  /** Ends an upload, or takes out a file: here and on the server. */
  remove(key: string): void {
    const item = this.#find(key);
    if (!item) return;
    this.#end(key);
    if (item.preview !== null) this.#options.previews.close(item.preview);
    this.items.update((items) => items.filter((other) => other.key !== key));
    this.#keep(item);
    // What the server keeps of it is collected some day, should this fail.
    if (item.id !== null) void this.#options.remove(item.id).catch(() => undefined);
    this.#pump();
  }

  /** What is done becomes the message's; what was refused has been seen. What has failed stays. */
  take(room: string, thread: string | null = null): readonly MessageFile[] {
    const taken = this.of(room, thread).filter(({ state, id }) => state === 'done' && id !== null);
    for (const { key, id, preview } of taken) {
      this.#end(key);
      if (preview !== null && id !== null) this.#keepPreview(id, preview);
    }
    const seen = new Set(this.of(room, thread).filter(({ state }) => state === 'done' || state === 'refused'));
    this.items.update((items) => items.filter((item) => !seen.has(item)));
    this.#keep({ room, thread });
    return taken.map(fileOf);
  }

  /** Its threads are forgotten too. */
  forgetRoom(room: string): void {
    for (const item of this.items.get()) if (item.room === room) this.remove(item.key);
  }

  /** There is a connection again: what waits for one goes on. */
  flush(): void {
    for (const { key, error } of this.items.get()) if (error === 'offline' && this.#waits.has(key)) this.#wake(key);
  }

  stop(): void {
    for (const { key, preview } of this.items.get()) {
      this.#end(key);
      if (preview !== null) this.#options.previews.close(preview);
    }
    for (const url of this.#sentPreviews.values()) this.#options.previews.close(url);
    this.#sentPreviews.clear();
  }

  #refuse(file: File): string | null {
    const { fileBytes, fileTypes } = this.#options.limits();
    if (file.size > fileBytes) return 'file_too_large';
    return allowsType(fileTypes, file.type) ? null : 'type_not_allowed';
  }

  #begin(room: string, thread: string | null, file: File, error: string | null): void {
    const key = this.#key();
    const isImage = kindOf(file.type) === 'image' && error === null;
    const preview = isImage ? this.#options.previews.open(file) : null;
    const { name, type, size } = file;
    const item: Upload = {
      key, room, thread, name, type, size, state: error === null ? 'queued' : 'refused', sent: 0, error, id: null, preview, width: null, height: null,
    };
    if (error === null) this.#files.set(key, file);
    this.items.update((items) => [...items, item]);
    if (preview !== null) void this.#measure(key, preview);
  }

  async #measure(key: string, url: string): Promise<void> {
    const size = await this.#options.previews.measure(url);
    const item = this.#find(key);
    if (!item) return;
    if (size) this.#change(key, size);
    else {
      this.#options.previews.close(url);
      this.#change(key, { preview: null });
    }
    if (item.state === 'done') this.#keep(item);
  }

  #pump(): void {
    for (const item of this.items.get()) {
      if (this.#stops.size >= atOnce) return;
      if (item.state === 'queued') this.#start(item);
    }
  }

  #start({ key, room, name }: Upload): void {
    const file = this.#files.get(key);
    if (!file) return;
    const { transport, resumeKey } = this.#options;
    this.#change(key, { state: 'uploading', error: null });
    const isTaken = (url: string) => this.items.get().some((item) => item.key !== key && item.id === idOf(url));
    this.#stops.set(key, transport.start({ file, name, room, resumeKey: resumeKey(room, file), url: this.#urls.get(key) ?? null, isTaken }, {
      onUrl: (url) => {
        this.#urls.set(key, url);
        this.#change(key, { id: idOf(url) });
      },
      onProgress: (sent) => {
        if (sent > (this.#highWater.get(key) ?? 0)) {
          this.#highWater.set(key, sent);
          this.#attempts.delete(key);
        }
        this.#change(key, { sent });
      },
      onDone: (url) => this.#done(key, url),
      onError: (failure) => this.#failed(key, failure),
    }));
  }

  #done(key: string, url: string): void {
    const item = this.#find(key);
    if (!item) return;
    this.#end(key);
    this.#change(key, { state: 'done', sent: item.size, id: idOf(url), error: null });
    this.#keep(item);
    this.#pump();
  }

  #failed(key: string, { code, retryable, retryAfterMs }: UploadFailure): void {
    this.#stops.delete(key);
    const attempts = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempts);
    if (!retryable || (code !== 'offline' && attempts >= maxUploadAttempts)) {
      // What the server has refused for good it has also removed.
      if (!retryable) this.#urls.delete(key);
      this.#change(key, { state: 'failed', error: code === 'too_large' ? 'file_too_large' : code });
    } else {
      this.#change(key, { state: 'waiting', error: code });
      this.#waits.set(key, setTimeout(() => this.#wake(key), retryAfterMs ?? backoffDelay(attempts, this.#options.random)));
    }
    this.#pump();
  }

  #wake(key: string): void {
    clearTimeout(this.#waits.get(key));
    this.#waits.delete(key);
    this.#change(key, { state: 'queued' });
    this.#pump();
  }

  #end(key: string): void {
    this.#stops.get(key)?.();
    this.#stops.delete(key);
    clearTimeout(this.#waits.get(key));
    for (const map of [this.#waits, this.#files, this.#urls, this.#attempts, this.#highWater]) map.delete(key);
  }

  #keepPreview(id: string, url: string): void {
    this.#sentPreviews.set(id, url);
    const [oldest] = this.#sentPreviews;
    if (this.#sentPreviews.size <= keptPreviews || !oldest) return;
    this.#sentPreviews.delete(oldest[0]);
    this.#options.previews.close(oldest[1]);
  }

  #keep({ room, thread }: Pick<Upload, 'room' | 'thread'>): void {
    this.#options.keep(thread === null ? room : `${room}/${thread}`, this.of(room, thread).filter(({ state, id }) => state === 'done' && id !== null).map(fileOf));
  }

  #find(key: string): Upload | undefined {
    return this.items.get().find((item) => item.key === key);
  }

  #change(key: string, change: Partial<Upload>): void {
    this.items.update((items) => items.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  #key(): string {
    return `f${this.#nextKey++}`;
  }
}

function inPlace(place: string): Pick<Upload, 'room' | 'thread'> {
  const [room = place, thread = null] = place.split('/');
  return { room, thread };
}

const idOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/** As a message shows it until its event comes, which says it better. */
const fileOf = ({ id, name, type, size, width, height }: Upload): MessageFile =>
  ({ id: id ?? '', name, type: type === '' ? 'application/octet-stream' : type, size, width, height, placeholder: null, thumbnails: [] });
