import { useEffect, useId, useImperativeHandle, useRef, useState, type KeyboardEvent, type PointerEvent, type Ref } from 'react';
import { useT } from '@/lib/i18n/use-t';
import styles from './picture-field.module.css';

export interface PictureCropHandle {
  /** The square that is shown, as a file. */
  readonly toFile: () => Promise<File>;
}

interface PictureCropProps {
  image: ImageBitmap;
  shape: 'round' | 'square';
  ref: Ref<PictureCropHandle>;
}

/** In CSS pixels; the canvas has twice as many. */
const shownEdge = 224;
const madeEdge = 512;
const maxZoom = 4;
const step = 0.04;

/** A square window over the picture: where it is cut, in shares of the picture's shorter edge that is left over. */
export function PictureCrop({ image, shape, ref }: PictureCropProps) {
  const t = useT();
  const zoomId = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const dragged = useRef<{ x: number; y: number } | null>(null);
  const [zoom, setZoom] = useState(1);
  const [centre, setCentre] = useState({ x: 0.5, y: 0.5 });
  const edge = Math.min(image.width, image.height) / zoom;

  useEffect(() => {
    if (canvas.current) draw(canvas.current, image, edge, centre);
  }, [image, edge, centre]);

  useImperativeHandle(ref, () => ({
    toFile: async () => {
      const made = document.createElement('canvas');
      made.width = made.height = Math.max(1, Math.min(madeEdge, Math.round(edge)));
      draw(made, image, edge, centre);
      const blob = await new Promise<Blob | null>((resolve) => made.toBlob(resolve, 'image/webp', 0.92));
      if (!blob) throw new Error('The picture could not be encoded.');
      return new File([blob], `picture.${blob.type === 'image/webp' ? 'webp' : 'png'}`, { type: blob.type });
    },
  }), [image, edge, centre]);

  const move = (x: number, y: number) => setCentre((now) => ({ x: clamp(now.x + x, image.width, edge), y: clamp(now.y + y, image.height, edge) }));

  const onPointerMove = (event: PointerEvent) => {
    const from = dragged.current;
    if (!from) return;
    const scale = edge / shownEdge;
    move(((from.x - event.clientX) * scale) / image.width, ((from.y - event.clientY) * scale) / image.height);
    dragged.current = { x: event.clientX, y: event.clientY };
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!by) return;
    event.preventDefault();
    move(by[0] ?? 0, by[1] ?? 0);
  };

  return (
    <div className={styles['crop']}>
      <div
        className={styles['window']}
        data-shape={shape}
        role="application"
        aria-label={t('picture.area')}
        tabIndex={0}
        data-autofocus
        data-testid="picture-crop"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          dragged.current = { x: event.clientX, y: event.clientY };
        }}
        onPointerMove={onPointerMove}
        onPointerUp={() => (dragged.current = null)}
        onPointerCancel={() => (dragged.current = null)}
        onKeyDown={onKeyDown}
      >
        <canvas ref={canvas} width={2 * shownEdge} height={2 * shownEdge} />
      </div>
      <p className={styles['hint']}>{t('picture.crop')}</p>
      <label className={styles['zoom']} htmlFor={zoomId}>
        <span>{t('picture.zoom')}</span>
        <input
          id={zoomId}
          type="range"
          min={1}
          max={maxZoom}
          step={0.05}
          value={zoom}
          data-testid="picture-zoom"
          onChange={({ target }) => {
            const next = Number(target.value);
            const side = Math.min(image.width, image.height) / next;
            setZoom(next);
            setCentre((now) => ({ x: clamp(now.x, image.width, side), y: clamp(now.y, image.height, side) }));
          }}
        />
      </label>
    </div>
  );
}

/** The window stays inside the picture. */
function clamp(centre: number, length: number, edge: number): number {
  const half = edge / 2 / length;
  return Math.min(1 - half, Math.max(half, centre));
}

function draw(canvas: HTMLCanvasElement, image: ImageBitmap, edge: number, centre: { x: number; y: number }): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, centre.x * image.width - edge / 2, centre.y * image.height - edge / 2, edge, edge, 0, 0, canvas.width, canvas.height);
}
