import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MessageFile } from '@/lib/api/schemas';
import type { UploadEvents, UploadJob } from './upload-transport';
import { maxUploadAttempts, Uploads, type UploadLimits } from './uploads';

interface Attempt {
  readonly job: UploadJob;
  readonly events: UploadEvents;
  stopped: boolean;
}

function create(limits: Partial<UploadLimits> = {}) {
  const attempts: Attempt[] = [];
  const remove = vi.fn<(id: string) => Promise<void>>(() => Promise.resolve());
  const keep = vi.fn<(room: string, files: readonly MessageFile[]) => void>();
  const close = vi.fn<(url: string) => void>();
  const uploads = new Uploads({
    transport: {
      start(job, events) {
        const attempt = { job, events, stopped: false };
        attempts.push(attempt);
        return () => {
          attempt.stopped = true;
        };
      },
    },
    limits: () => ({ fileBytes: 1_000, fileTypes: [], messageFiles: 10, ...limits }),
    resumeKey: (room, { name, size }) => `${room}.${name}.${size}`,
    remove,
    keep,
    previews: { open: ({ name }) => `blob:${name}`, close, measure: () => Promise.resolve({ width: 40, height: 30 }) },
    random: () => 0.5,
  });
  const states = () => uploads.items.get().map(({ name, state }) => `${name} ${state}`);
  const last = () => attempts.at(-1)!;
  return { uploads, attempts, remove, keep, close, states, last };
}

const file = (name: string, bytes = 10, type = 'text/plain') => new File([new Uint8Array(bytes)], name, { type });
const offline = { code: 'offline', retryable: true, retryAfterMs: null };
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('Uploads', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells the progress, and what is done goes with the message', () => {
    const { uploads, last, states } = create();
    uploads.add('r_1', [file('a.txt', 100)]);
    expect(states()).toEqual(['a.txt uploading']);
    last().events.onUrl('/api/uploads/f_1');
    last().events.onProgress(40);
    expect(uploads.of('r_1')).toMatchObject([{ sent: 40, id: 'f_1' }]);
    last().events.onDone('/api/uploads/f_1');
    expect(states()).toEqual(['a.txt done']);
    expect(uploads.take('r_1')).toEqual([{ id: 'f_1', name: 'a.txt', type: 'text/plain', size: 100, width: null, height: null, placeholder: null, thumbnails: [] }]);
    expect(uploads.items.get()).toEqual([]);
  });

  it.each([
    ['too large', file('big.bin', 1_001), {}, 'file_too_large'],
    ['of a type that is not allowed', file('a.txt'), { fileTypes: ['image/*', 'application/pdf'] }, 'type_not_allowed'],
    ['of no known type where types are limited', file('a', 10, ''), { fileTypes: ['image/*'] }, 'type_not_allowed'],
  ])('refuses what is %s before a byte is sent', (_, bad, limits, error) => {
    const { uploads, attempts } = create(limits);
    uploads.add('r_1', [bad]);
    expect(uploads.items.get()).toMatchObject([{ state: 'refused', error }]);
    expect(attempts).toEqual([]);
    expect(uploads.take('r_1')).toEqual([]);
    expect(uploads.items.get()).toEqual([]);
  });

  it('takes the largest that is allowed, and types by their family', () => {
    const { uploads, states } = create({ fileTypes: ['image/*', 'text/plain'] });
    uploads.add('r_1', [file('max.txt', 1_000), file('a.png', 1, 'image/png')]);
    expect(states()).toEqual(['max.txt uploading', 'a.png uploading']);
  });

  it('leaves out what a message has no room for, and says how many', () => {
    const { uploads } = create({ messageFiles: 2 });
    expect(uploads.add('r_1', [file('a'), file('b'), file('c'), file('d')])).toBe(2);
    expect(uploads.add('r_2', [file('e')])).toBe(0);
    expect(uploads.of('r_1')).toHaveLength(2);
  });

  it('sends three at a time', () => {
    const { uploads, attempts, states } = create();
    uploads.add('r_1', ['a', 'b', 'c', 'd'].map((name) => file(name)));
    expect(states()).toEqual(['a uploading', 'b uploading', 'c uploading', 'd queued']);
    attempts[1]!.events.onDone('/api/uploads/f_2');
    expect(states()).toEqual(['a uploading', 'b done', 'c uploading', 'd uploading']);
  });

  it('goes on at the same address after a lost connection, and waits for it without giving up', async () => {
    const { uploads, attempts, last, states } = create();
    uploads.add('r_1', [file('a', 100)]);
    last().events.onUrl('/api/uploads/f_1');
    last().events.onProgress(30);
    for (let i = 0; i < maxUploadAttempts + 5; i++) {
      last().events.onError(offline);
      expect(states()).toEqual(['a waiting']);
      await vi.advanceTimersByTimeAsync(30_000);
      expect(states()).toEqual(['a uploading']);
    }
    expect(new Set(attempts.slice(1).map(({ job }) => job.url))).toEqual(new Set(['/api/uploads/f_1']));
    last().events.onDone('/api/uploads/f_1');
    expect(states()).toEqual(['a done']);
  });

  it('goes on at once when the connection is back', async () => {
    const { uploads, attempts, last } = create();
    uploads.add('r_1', [file('a')]);
    last().events.onError(offline);
    await settle();
    expect(attempts).toHaveLength(1);
    uploads.flush();
    expect(attempts).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(attempts).toHaveLength(2);
  });

  it('waits as long as the server asks', async () => {
    const { uploads, attempts, last } = create();
    uploads.add('r_1', [file('a')]);
    last().events.onError({ code: 'locked', retryable: true, retryAfterMs: 2_000 });
    await vi.advanceTimersByTimeAsync(1_999);
    expect(attempts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(attempts).toHaveLength(2);
  });

  it('asks the user after many attempts without progress; a retry by hand begins at the same address', async () => {
    const { uploads, attempts, last, states } = create();
    uploads.add('r_1', [file('a', 100)]);
    last().events.onUrl('/api/uploads/f_1');
    const busy = { code: 'busy', retryable: true, retryAfterMs: 100 };
    for (let i = 0; i < maxUploadAttempts - 1; i++) {
      last().events.onError(busy);
      await vi.advanceTimersByTimeAsync(100);
    }
    last().events.onProgress(50);
    last().events.onError(busy);
    expect(states()).toEqual(['a waiting']);
    await vi.advanceTimersByTimeAsync(100);
    for (let i = 0; i < maxUploadAttempts; i++) {
      last().events.onError(busy);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(uploads.items.get()).toMatchObject([{ state: 'failed', error: 'busy' }]);
    const before = attempts.length;
    uploads.retry(uploads.items.get()[0]!.key);
    expect(attempts).toHaveLength(before + 1);
    expect(last().job.url).toBe('/api/uploads/f_1');
  });

  it('does not try again what the server has refused, and says why', async () => {
    const { uploads, attempts, last } = create();
    uploads.add('r_1', [file('a'), file('b')]);
    attempts[0]!.events.onError({ code: 'quota_exceeded', retryable: false, retryAfterMs: null });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(attempts).toHaveLength(2);
    last().events.onDone('/api/uploads/f_2');
    expect(uploads.take('r_1').map(({ id }) => id)).toEqual(['f_2']);
    expect(uploads.items.get()).toMatchObject([{ name: 'a', state: 'failed', error: 'quota_exceeded' }]);
  });

  it('cancels here and on the server, and lets the next one begin', () => {
    const { uploads, attempts, remove, states } = create();
    uploads.add('r_1', ['a', 'b', 'c', 'd'].map((name) => file(name)));
    attempts[0]!.events.onUrl('/api/uploads/f_1');
    uploads.remove(uploads.items.get()[0]!.key);
    expect(attempts[0]!.stopped).toBe(true);
    expect(remove).toHaveBeenCalledExactlyOnceWith('f_1');
    expect(states()).toEqual(['b uploading', 'c uploading', 'd uploading']);
  });

  it('keeps over a reload what is done and not sent', () => {
    const { uploads, last, keep } = create();
    uploads.add('r_1', [file('a')]);
    last().events.onDone('/api/uploads/f_1');
    const [room, files] = keep.mock.lastCall!;
    const after = create();
    after.uploads.restore(new Map([[room, files]]));
    expect(after.states()).toEqual(['a done']);
    expect(after.uploads.take('r_1').map(({ id }) => id)).toEqual(['f_1']);
    expect(after.keep).toHaveBeenLastCalledWith('r_1', []);
  });

  it('keeps what is for a thread apart from what is for its room', () => {
    const { uploads, last, keep, remove } = create({ messageFiles: 1 });
    expect(uploads.add('r_1', [file('a')])).toBe(0);
    last().events.onDone('/api/uploads/f_1');
    expect(uploads.add('r_1', [file('b')], 'r_1.7')).toBe(0);
    last().events.onDone('/api/uploads/f_2');
    const [place, files] = keep.mock.lastCall!;
    expect(uploads.take('r_1', 'r_1.7').map(({ id }) => id)).toEqual(['f_2']);
    expect(uploads.of('r_1')).toMatchObject([{ id: 'f_1' }]);

    const after = create();
    after.uploads.restore(new Map([[place, files]]));
    expect(after.uploads.of('r_1')).toEqual([]);
    expect(after.uploads.of('r_1', 'r_1.7')).toMatchObject([{ id: 'f_2', state: 'done' }]);
    uploads.add('r_1', [file('c')], 'r_1.7');
    last().events.onUrl('/api/uploads/f_3');
    uploads.forgetRoom('r_1');
    expect(remove.mock.calls.flat()).toEqual(['f_1', 'f_3']);
  });

  it('shows an image from this page’s memory, with its size, also once it is sent', async () => {
    const { uploads, last, close } = create();
    uploads.add('r_1', [file('a.png', 10, 'image/png'), file('b.svg', 10, 'image/svg+xml')]);
    await settle();
    expect(uploads.items.get()).toMatchObject([{ preview: 'blob:a.png', width: 40, height: 30 }, { preview: null, width: null }]);
    uploads.remove(uploads.items.get()[1]!.key);
    last().events.onDone('/api/uploads/f_9');
    uploads.items.get().forEach(({ key }) => uploads.retry(key));
    expect(close).not.toHaveBeenCalled();
  });

  it('gives back the memory of a preview that is taken out, and keeps a sent one until it stops', async () => {
    const { uploads, attempts, close } = create();
    uploads.add('r_1', [file('a.png', 10, 'image/png'), file('b.png', 10, 'image/png')]);
    await settle();
    attempts[1]!.events.onDone('/api/uploads/f_2');
    uploads.remove(uploads.items.get()[0]!.key);
    expect(close).toHaveBeenCalledExactlyOnceWith('blob:a.png');
    uploads.take('r_1');
    expect(uploads.previewOf('f_2')).toBe('blob:b.png');
    uploads.stop();
    expect(close).toHaveBeenLastCalledWith('blob:b.png');
  });

  it('keeps the same file picked twice two files', () => {
    const { uploads, attempts } = create();
    uploads.add('r_1', [file('a'), file('a')]);
    attempts[0]!.events.onUrl('/api/uploads/f_1');
    expect(attempts[1]!.job.isTaken('/api/uploads/f_1')).toBe(true);
    expect(attempts[0]!.job.isTaken('/api/uploads/f_1')).toBe(false);
    expect(attempts[1]!.job.isTaken('/api/uploads/f_2')).toBe(false);
  });

  it('gives up the files of a room one has left', () => {
    const { uploads, attempts, states } = create();
    uploads.add('r_1', [file('a')]);
    uploads.add('r_2', [file('b')]);
    uploads.forgetRoom('r_1');
    expect(attempts[0]!.stopped).toBe(true);
    expect(states()).toEqual(['b uploading']);
  });
});
