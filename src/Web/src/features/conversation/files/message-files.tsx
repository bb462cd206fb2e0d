import { useCallback, useState } from 'react';
import type { MessageFile } from '@/lib/api/schemas';
import { fileUrl, kindOf } from '@/lib/files';
import { useT } from '@/lib/i18n/use-t';
import { reducedMotion, useMedia } from '@/lib/use-media';
import { FileCard } from './file-card';
import { FileImage } from './file-image';
import { formFor, galleryHeight, maxWidth, shownTiles, singleBox, splitFiles, type SizedImage } from './layout';
import { AudioPlayer, VideoPlayer } from './players';
import styles from './message-files.module.css';

interface MessageFilesProps {
  files: readonly MessageFile[];
  /** The image's own picture, where it was sent from this page. */
  previewOf: (id: string) => string | undefined;
  /** Without it, as for a message on its way, images open nowhere. */
  onOpen?: ((images: readonly MessageFile[], index: number) => void) | undefined;
  tabIndex: number;
}

export function MessageFiles({ files, previewOf, onOpen, tabIndex }: MessageFilesProps) {
  const { images, players, cards } = splitFiles(files);
  return (
    <div className={styles['files']} data-testid="message-files">
      {images.length > 0 && <Gallery images={images} previewOf={previewOf} onOpen={onOpen} tabIndex={tabIndex} />}
      {players.map((file) => (kindOf(file.type) === 'video' ? <VideoPlayer key={file.id} file={file} tabIndex={tabIndex} /> : <AudioPlayer key={file.id} file={file} tabIndex={tabIndex} />))}
      {cards.map((file) => <FileCard key={file.id} file={file} tabIndex={tabIndex} />)}
    </div>
  );
}

function Gallery({ images, previewOf, onOpen, tabIndex }: { images: readonly SizedImage[] } & Omit<MessageFilesProps, 'files'>) {
  const t = useT();
  const [only] = images;
  const hidden = images.length - shownTiles;
  const box = images.length === 1 && only ? singleBox(only) : { width: maxWidth, height: galleryHeight(images.length) };
  return (
    <ul
      className={styles['gallery']}
      data-tiles={Math.min(images.length, shownTiles)}
      aria-label={images.length > 1 ? t('files.images', { count: images.length }) : undefined}
      style={{ width: box.width, aspectRatio: `${box.width} / ${box.height}` }}
      data-testid="gallery"
    >
      {images.slice(0, shownTiles).map((image, index) => (
        <Tile
          key={image.id}
          image={image}
          box={tileBox(images.length, index, box)}
          preview={previewOf(image.id)}
          more={hidden > 0 && index === shownTiles - 1 ? hidden : 0}
          tabIndex={tabIndex}
          onOpen={onOpen && (() => onOpen(images, index))}
        />
      ))}
    </ul>
  );
}

interface TileProps {
  image: SizedImage;
  box: { width: number; height: number };
  preview: string | undefined;
  /** How many images stand behind this one. */
  more: number;
  tabIndex: number;
  onOpen: (() => void) | undefined;
}

function Tile({ image, box, preview, more, tabIndex, onOpen }: TileProps) {
  const t = useT();
  const still = useMedia(reducedMotion);
  const [gone, setGone] = useState(false);
  const onGone = useCallback(() => setGone(true), []);
  const animated = image.type === 'image/gif';
  // A GIF is shown as it is, unless one asks for less motion: then it moves in the lightbox only.
  const src = animated && !still ? fileUrl(image.id) : fileUrl(image.id, formFor(image, box, window.devicePixelRatio));
  return (
    <li className={styles['tile']}>
      <button
        type="button"
        className={styles['open']}
        tabIndex={tabIndex}
        disabled={!onOpen || gone}
        aria-label={more > 0 ? t('files.openMore', { name: image.name, count: more }) : t('files.open', { name: image.name })}
        title={image.name}
        data-testid="image-open"
        onClick={onOpen}
      >
        <FileImage
          src={src}
          preview={animated && still ? undefined : preview}
          placeholder={image.placeholder}
          alt={image.name}
          fit={image.width < box.width && image.height < box.height ? 'natural' : 'cover'}
          onGone={onGone}
        />
      </button>
      {animated && <span className={styles['badge']} aria-hidden="true">GIF</span>}
      {more > 0 && <span className={styles['more']} aria-hidden="true">+{more}</span>}
    </li>
  );
}

/** Near enough to choose the thumbnail. */
function tileBox(count: number, index: number, { width, height }: { width: number; height: number }): { width: number; height: number } {
  if (count === 1) return { width, height };
  if (count === 2) return { width: width / 2, height };
  if (count === 3) return index === 0 ? { width: (width * 2) / 3, height } : { width: width / 3, height: height / 2 };
  if (count === 4 || (count === 5 && index < 2)) return { width: width / 2, height: height / 2 };
  return { width: width / 3, height: height / 2 };
}
