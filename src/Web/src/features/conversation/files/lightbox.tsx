import { ChevronLeft, ChevronRight, Download, ExternalLink, X } from 'lucide-react';
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { MessageFile } from '@/lib/api/schemas';
import { downloadUrl, fileUrl, formatBytes } from '@/lib/files';
import { useT } from '@/lib/i18n/use-t';
import { IconButton } from '@/ui/button';
import { FileImage } from './file-image';
import styles from './lightbox.module.css';

interface LightboxProps {
  images: readonly MessageFile[];
  start: number;
  previewOf: (id: string) => string | undefined;
  onClose: () => void;
}

const swipePx = 50;

/** A message's images one at a time, over the page. Arrows, Home and End go through them, Esc and a click beside the image close. */
export default function Lightbox({ images, start, previewOf, onClose }: LightboxProps) {
  const t = useT();
  const dialog = useRef<HTMLDialogElement>(null);
  const [index, setIndex] = useState(start);
  const pressedX = useRef<number | null>(null);
  const image = images[index];

  useLayoutEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    // Not on the first of the links: the arrows are for the pictures.
    element?.focus();
    return () => element?.close();
  }, []);

  if (!image) return null;
  const go = (to: number) => setIndex(Math.max(0, Math.min(images.length - 1, to)));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft') go(index - 1);
    else if (event.key === 'ArrowRight') go(index + 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(images.length - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const onPointerUp = ({ clientX }: PointerEvent) => {
    const moved = pressedX.current === null ? 0 : clientX - pressedX.current;
    pressedX.current = null;
    if (Math.abs(moved) > swipePx) go(index + (moved > 0 ? -1 : 1));
  };

  const { width, height } = image;
  return (
    <dialog
      ref={dialog}
      className={styles['lightbox']}
      tabIndex={-1}
      aria-label={t('lightbox.label', { name: image.name })}
      data-testid="lightbox"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // A browser may close a modal without asking.
      onClose={() => {
        if (dialog.current?.open === false) onClose();
      }}
      onKeyDown={onKeyDown}
    >
      <header className={styles['bar']}>
        <p className={styles['title']}>
          <strong title={image.name}>{image.name}</strong>
          <span>
            {formatBytes(t, image.size)}
            {width !== null && height !== null && ` · ${width} × ${height}`}
          </span>
        </p>
        {images.length > 1 && <p className={styles['count']} role="status" data-testid="lightbox-count">{t('lightbox.count', { index: index + 1, count: images.length })}</p>}
        <a className={styles['tool']} href={fileUrl(image.id)} target="_blank" rel="noopener noreferrer" aria-label={t('files.openTab', { name: image.name })} title={t('files.openTab', { name: image.name })}>
          <ExternalLink aria-hidden="true" />
        </a>
        <a className={styles['tool']} href={downloadUrl(image.id)} download={image.name} aria-label={t('files.download', { name: image.name })} title={t('files.download', { name: image.name })} data-testid="lightbox-download">
          <Download aria-hidden="true" />
        </a>
        <IconButton className={styles['tool']} label={t('common.close')} data-testid="lightbox-close" onClick={onClose}><X /></IconButton>
      </header>
      <div
        className={styles['stage']}
        onPointerDown={({ clientX, pointerType }) => (pressedX.current = pointerType === 'touch' ? clientX : null)}
        onPointerUp={onPointerUp}
        onClick={({ target, currentTarget }) => {
          if (target === currentTarget) onClose();
        }}
      >
        {/* Its own shape from the start; no larger than it is, but no stamp either. */}
        <div
          className={styles['frame']}
          data-testid="lightbox-image"
          style={width !== null && height !== null ? { aspectRatio: `${width} / ${height}`, width: `min(100%, ${Math.max(width, 320)}px, calc((100dvh - 128px) * ${width / height}))` } : undefined}
        >
          <FileImage key={image.id} src={fileUrl(image.id)} preview={previewOf(image.id)} placeholder={image.placeholder} alt={image.name} fit="contain" />
        </div>
      </div>
      {images.length > 1 && (
        <>
          <IconButton className={styles['previous']} label={t('lightbox.previous')} disabled={index === 0} data-testid="lightbox-previous" onClick={() => go(index - 1)}><ChevronLeft /></IconButton>
          <IconButton className={styles['next']} label={t('lightbox.next')} disabled={index === images.length - 1} data-testid="lightbox-next" onClick={() => go(index + 1)}><ChevronRight /></IconButton>
        </>
      )}
    </dialog>
  );
}
