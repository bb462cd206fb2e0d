import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { MessageFile } from '@/lib/api/schemas';
import { setLocale } from '@/lib/i18n/i18n';
import { estimateFiles, formFor, shownTiles, singleBox, splitFiles } from './layout';
import Lightbox from './lightbox';
import { MessageFiles } from './message-files';

const file = (id: string, extra: Partial<MessageFile> = {}): MessageFile =>
  ({ id, name: `${id}.bin`, type: 'application/octet-stream', size: 2_048, width: null, height: null, placeholder: null, thumbnails: [], ...extra });
const image = (id: string, width = 1_600, height = 1_200, extra: Partial<MessageFile> = {}): MessageFile =>
  file(id, { name: `${id}.jpg`, type: 'image/jpeg', width, height, thumbnails: [{ width: 320, height: 240 }, { width: 1_280, height: 960 }], ...extra });

function show(files: readonly MessageFile[]) {
  const onOpen = vi.fn();
  const { container } = render(<MessageFiles files={files} previewOf={() => undefined} onOpen={onOpen} tabIndex={0} />);
  return { onOpen, container };
}

describe('MessageFiles', () => {
  beforeEach(() => setLocale('en'));

  it('reserves an image’s place before anything of it is there', () => {
    show([image('f_1')]);
    const { style } = screen.getByTestId('gallery');
    expect(style.width).toBe('420px');
    expect(style.aspectRatio).toBe('420 / 315');
    expect(screen.getByRole('img', { name: 'f_1.jpg' })).toBeTruthy();
  });

  it('shows no image larger than it is, a portrait no higher than the limit, and none too small to be hit', () => {
    expect(singleBox({ width: 200, height: 100 })).toEqual({ width: 200, height: 100 });
    expect(singleBox({ width: 1_000, height: 2_000 })).toEqual({ width: 170, height: 340 });
    expect(singleBox({ width: 3_000, height: 100 })).toEqual({ width: 420, height: 56 });
    expect(singleBox({ width: 1, height: 1 })).toEqual({ width: 56, height: 56 });
  });

  it('asks for the smallest form that is sharp', () => {
    const [sized] = splitFiles([image('f_1')]).images;
    expect(formFor(sized!, { width: 200, height: 150 }, 1)).toBe('small');
    expect(formFor(sized!, { width: 200, height: 150 }, 2)).toBe('large');
    expect(formFor(sized!, { width: 200, height: 350 }, 1)).toBe('large');
  });

  it('opens the gallery where it was clicked, and tells of what it does not show', async () => {
    const images = Array.from({ length: 8 }, (_, i) => image(`f_${i}`));
    const { onOpen } = show(images);
    const tiles = screen.getAllByTestId('image-open');
    expect(tiles).toHaveLength(shownTiles);
    expect(tiles.at(-1)!.getAttribute('aria-label')).toBe('Open image f_5.jpg and 2 more');
    await userEvent.click(tiles[2]!);
    expect(onOpen).toHaveBeenCalledExactlyOnceWith(images, 2);
  });

  it('shows an animated GIF as it is, and thumbnails of the rest', () => {
    const { container } = show([image('f_1', 300, 200, { type: 'image/gif', name: 'a.gif' }), image('f_2', 300, 200)]);
    expect([...container.querySelectorAll('img[alt]:not([alt=""])')].map((img) => img.getAttribute('src'))).toEqual(['/api/files/f_1', expect.stringMatching(/^\/api\/files\/f_2\?thumb=/)]);
  });

  it('offers everything else for download, also what calls itself an image and is none', () => {
    show([file('f_1', { name: 'report.xlsx' }), file('f_2', { name: 'x.svg', type: 'image/svg+xml' }), file('f_3', { type: 'image/jpeg', width: null })]);
    const cards = screen.getAllByTestId('file-card');
    expect(cards).toHaveLength(3);
    const link = within(cards[0]!).getByTitle('Download report.xlsx');
    expect(link.getAttribute('href')).toBe('/api/files/f_1?download=1');
    expect(link.getAttribute('download')).toBe('report.xlsx');
    expect(cards[0]!.textContent).toContain('XLSX · 2 kB');
  });

  it('opens a PDF in a tab of its own, and can download it', () => {
    show([file('f_1', { name: 'a.pdf', type: 'application/pdf' })]);
    expect(screen.getByTestId('file-open').getAttribute('target')).toBe('_blank');
    expect(screen.getByTestId('file-open').getAttribute('rel')).toContain('noopener');
    expect(screen.getByTestId('file-download')).toBeTruthy();
  });

  it('plays audio and video', () => {
    const { container } = show([file('f_1', { type: 'audio/mpeg' }), file('f_2', { type: 'video/mp4' })]);
    expect(container.querySelector('audio')!.getAttribute('src')).toBe('/api/files/f_1');
    expect(container.querySelector('video')!.hasAttribute('controls')).toBe(true);
    fireEvent.error(container.querySelector('video')!);
    expect(screen.getByTestId('video-player').textContent).toContain('Can’t be played here');
  });

  it('waits for an image that is being processed, and shows it when it is ready', async () => {
    const answers = [new Response('{"code":"processing"}', { status: 404, headers: { 'Retry-After': '0.01' } }), new Response(null, { status: 200 })];
    vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(answers.shift()!)));
    show([image('f_1')]);
    fireEvent.error(screen.getByRole('img', { name: 'f_1.jpg' }));
    await waitFor(() => expect(screen.getByTestId('file-image').dataset['state']).toBe('processing'));
    await waitFor(() => expect(answers).toEqual([]));
    fireEvent.load(screen.getByRole('img', { name: 'f_1.jpg' }));
    expect(screen.getByTestId('file-image').dataset['state']).toBe('shown');
    vi.unstubAllGlobals();
  });

  it('says that an image is gone, and opens nothing', async () => {
    vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response('{"code":"not_found"}', { status: 404 }))));
    show([image('f_1')]);
    fireEvent.error(screen.getByRole('img', { name: 'f_1.jpg' }));
    await waitFor(() => expect(screen.getByText('Not available')).toBeTruthy());
    expect(screen.getByTestId<HTMLButtonElement>('image-open').disabled).toBe(true);
    vi.unstubAllGlobals();
  });

  it('estimates no height without files, and more with each', () => {
    expect(estimateFiles([])).toBe(0);
    expect(estimateFiles([image('f_1')])).toBe(321);
    expect(estimateFiles([image('f_1'), file('f_2')])).toBeGreaterThan(321);
  });
});

describe('Lightbox', () => {
  beforeEach(() => setLocale('en'));

  it('goes through the images by the keyboard, and no further than they go', () => {
    const onClose = vi.fn();
    render(<Lightbox images={[image('f_1'), image('f_2'), image('f_3')]} start={1} previewOf={() => undefined} onClose={onClose} />);
    const dialog = screen.getByTestId('lightbox');
    const shown = () => dialog.getAttribute('aria-label');
    expect(shown()).toBe('Image f_2.jpg');
    for (const [key, name] of [['ArrowRight', 'f_3'], ['ArrowRight', 'f_3'], ['Home', 'f_1'], ['ArrowLeft', 'f_1'], ['End', 'f_3']] as const) {
      fireEvent.keyDown(dialog, { key });
      expect(shown()).toBe(`Image ${name}.jpg`);
    }
    expect(screen.getByTestId('lightbox-count').textContent).toBe('3 of 3');
    expect(screen.getByTestId('lightbox-download').getAttribute('href')).toBe('/api/files/f_3?download=1');
    fireEvent(dialog, new Event('cancel', { cancelable: true }));
    expect(onClose).toHaveBeenCalledTimes(1);
  });
});
