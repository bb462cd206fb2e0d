import { ImageOff, RotateCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { fileStatus } from '@/lib/api/file-status';
import { useT } from '@/lib/i18n/use-t';
import styles from './file-image.module.css';

interface FileImageProps {
  /** Where the server has it. */
  src: string;
  /** The same picture from this page's own memory. */
  preview?: string | undefined;
  placeholder: string | null;
  alt: string;
  /** `cover` fills the box; `contain` shows all of it; `natural` shows all of it and never larger than it is. */
  fit?: 'cover' | 'contain' | 'natural';
  onGone?: (() => void) | undefined;
}

type Phase = 'loading' | 'shown' | 'processing' | 'gone' | 'failed';

const maxAttempts = 5;

/**
 * An image of the server in a box of the caller's. Until it is there the placeholder is; where it is still being processed, or the server
 * is away, it is asked for again.
 */
export function FileImage({ src, preview, placeholder, alt, fit = 'cover', onGone }: FileImageProps) {
  const t = useT();
  const [phase, setPhase] = useState<Phase>('loading');
  const [attempt, setAttempt] = useState(0);
  const [previewFails, setPreviewFails] = useState(false);
  const [refused, setRefused] = useState(0);
  const from = preview !== undefined && !previewFails ? preview : src;

  // The element says only that it could not load: the server is asked why, and when to try again.
  useEffect(() => {
    if (refused === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const ask = async (tries: number) => {
      const status = await fileStatus(src);
      if (over) return;
      if (status.state === 'gone') {
        setPhase('gone');
        onGone?.();
      } else if (status.state === 'ready') {
        if (refused > maxAttempts) setPhase('failed');
        else setAttempt((value) => value + 1);
      } else {
        if (status.state === 'processing') setPhase('processing');
        timer = setTimeout(() => void ask(tries + 1), status.state === 'processing' ? status.retryAfterMs : Math.min(30_000, 1_000 * 2 ** tries));
      }
    };
    void ask(0);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [refused, src, onGone]);

  if (phase === 'gone' || phase === 'failed') {
    return (
      <span className={styles['box']} data-phase={phase} role="img" aria-label={`${alt}: ${t('files.gone')}`} data-testid="file-image" data-state={phase}>
        <span className={styles['missing']}>
          {phase === 'gone' ? <ImageOff aria-hidden="true" /> : <RotateCw aria-hidden="true" />}
          <span>{t('files.gone')}</span>
        </span>
      </span>
    );
  }
  return (
    <span className={styles['box']} data-phase={phase} data-testid="file-image" data-state={phase}>
      {phase !== 'shown' && isPicture(placeholder) && <img className={styles['placeholder']} src={placeholder} alt="" aria-hidden="true" />}
      {phase !== 'shown' && !isPicture(placeholder) && <span className={styles['blank']} aria-hidden="true" />}
      <img
        key={attempt}
        className={styles['image']}
        data-fit={fit}
        src={from}
        alt={alt}
        draggable={false}
        decoding="async"
        onLoad={() => setPhase('shown')}
        onError={() => {
          if (from === preview) setPreviewFails(true);
          else setRefused((value) => value + 1);
        }}
      />
      {phase === 'processing' && <span className={styles['note']} role="status">{t('files.processing')}</span>}
    </span>
  );
}

const isPicture = (placeholder: string | null): placeholder is string => placeholder?.startsWith('data:image/') === true;
