import type { MessageFile } from '@/lib/api/schemas';
import { kindOf } from '@/lib/files';

/** How much of a row the files take, known before anything is loaded: nothing below may jump. In CSS pixels. */

export const maxWidth = 420;
const maxHeight = 340;
const minEdge = 56;
/** More are behind the last tile, and in the lightbox. */
export const shownTiles = 6;

export interface SplitFiles {
  readonly images: readonly SizedImage[];
  readonly players: readonly MessageFile[];
  readonly cards: readonly MessageFile[];
}

export type SizedImage = MessageFile & { readonly width: number; readonly height: number };

export function splitFiles(files: readonly MessageFile[]): SplitFiles {
  const images = files.filter(isSized);
  const players = files.filter(({ type }) => kindOf(type) === 'video' || kindOf(type) === 'audio');
  const cards = files.filter((file) => !isSized(file) && !players.includes(file));
  return { images, players, cards };
}

function isSized(file: MessageFile): file is SizedImage {
  return kindOf(file.type) === 'image' && file.width !== null && file.height !== null && file.width > 0 && file.height > 0;
}

/** A single image: its own shape, never larger than it is, and never too small to be hit. */
export function singleBox({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const scale = Math.min(1, maxWidth / width, maxHeight / height);
  return { width: Math.max(minEdge, Math.round(width * scale)), height: Math.max(minEdge, Math.round(height * scale)) };
}

/** The gallery's height by its number of tiles, at full width. */
const galleryHeights: Readonly<Record<number, number>> = { 2: 209, 3: 280, 4: 316, 5: 350, 6: 280 };

export const galleryHeight = (tiles: number): number => galleryHeights[Math.min(tiles, shownTiles)] ?? maxHeight;

/** The smallest form of an image that is sharp in a box of this size. */
export function formFor(image: SizedImage, box: { width: number; height: number }, density: number): 'small' | 'large' {
  const scale = Math.max(box.width / image.width, box.height / image.height);
  const needed = Math.max(image.width, image.height) * scale * density;
  const has = Math.max(image.thumbnails[0]?.width ?? 320, image.thumbnails[0]?.height ?? 320);
  return needed <= has * 1.15 ? 'small' : 'large';
}

export const cardHeight = 58;
export const audioHeight = 104;
const videoHeight = 236 + 46;
const gap = 6;

/** A guess for rows that have not been measured, on a wide screen. */
export function estimateFiles(files: readonly MessageFile[]): number {
  if (files.length === 0) return 0;
  const { images, players, cards } = splitFiles(files);
  const [only] = images;
  const gallery = !only ? 0 : (images.length === 1 ? singleBox(only).height : galleryHeight(images.length)) + gap;
  const media = players.reduce((sum, { type }) => sum + gap + (kindOf(type) === 'video' ? videoHeight : audioHeight), 0);
  return gallery + media + cards.length * (cardHeight + gap);
}
