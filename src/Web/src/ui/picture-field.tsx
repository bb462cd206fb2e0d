import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { errorCode } from '@/lib/api/http';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { Button } from './button';
import { PictureCrop, type PictureCropHandle } from './picture-crop';
import { FormError } from './field';
import styles from './picture-field.module.css';

export type ChangePicture = (file: File | null, onProgress: (share: number) => void, signal: AbortSignal) => Promise<void>;

interface PictureFieldProps {
  current: string | null;
  shape: 'round' | 'square';
  hint: string;
  /** What is shown now, at the size of the crop's preview. */
  shown: ReactNode;
  /** Null: there is to be none. */
  onChange: ChangePicture;
}

type Phase =
  | { readonly is: 'idle'; readonly done: 'saved' | 'removed' | null }
  | { readonly is: 'cropping'; readonly image: ImageBitmap }
  | { readonly is: 'busy'; readonly share: number };

const accepted = 'image/png,image/jpeg,image/gif,image/webp';

/** Choosing, cropping, replacing and removing a picture of a person or a room. */
export function PictureField({ current, shape, hint, shown, onChange }: PictureFieldProps) {
  const t = useT();
  const [phase, setPhase] = useState<Phase>({ is: 'idle', done: null });
  const [error, setError] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const crop = useRef<PictureCropHandle>(null);
  const abort = useRef<AbortController | null>(null);
  const hintId = useId();

  useEffect(() => () => abort.current?.abort(), []);

  const choose = async (file: File | undefined) => {
    if (!file) return;
    setError(null);
    try {
      if (!accepted.split(',').includes(file.type)) throw new Error(file.type);
      setPhase({ is: 'cropping', image: await createImageBitmap(file) });
    } catch {
      setError(t('picture.none'));
      setPhase({ is: 'idle', done: null });
    }
  };

  const change = async (makeFile: () => Promise<File | null>) => {
    const controller = new AbortController();
    abort.current = controller;
    setError(null);
    try {
      const file = await makeFile();
      setPhase({ is: 'busy', share: 0 });
      await onChange(file, (share) => setPhase({ is: 'busy', share }), controller.signal);
      setPhase({ is: 'idle', done: file ? 'saved' : 'removed' });
    } catch (failure) {
      if (controller.signal.aborted) setPhase({ is: 'idle', done: null });
      else {
        setError(translateError(t, errorCode(failure)));
        setPhase({ is: 'idle', done: null });
      }
    }
  };

  return (
    <div className={styles['field']} data-testid="picture-field" data-phase={phase.is}>
      <FormError>{error}</FormError>
      {/* Out of the tab order: the button stands for it. */}
      <input
        ref={input}
        type="file"
        accept={accepted}
        hidden
        data-testid="picture-input"
        onChange={({ target }) => {
          void choose(target.files?.[0]);
          target.value = '';
        }}
      />
      {phase.is === 'cropping' ? (
        <>
          <PictureCrop ref={crop} image={phase.image} shape={shape} />
          <div className={styles['actions']}>
            <Button variant="ghost" onClick={() => setPhase({ is: 'idle', done: null })}>{t('common.cancel')}</Button>
            <Button variant="primary" data-testid="picture-use" onClick={() => void change(() => crop.current?.toFile() ?? Promise.resolve(null))}>{t('picture.use')}</Button>
          </div>
        </>
      ) : (
        <div className={styles['row']}>
          {shown}
          <div className={styles['side']}>
            <p id={hintId} className={styles['hint']}>{hint}</p>
            {phase.is === 'busy' ? (
              <>
                <progress className={styles['progress']} max={1} value={phase.share < 1 ? phase.share : undefined} aria-label={t('picture.sending')} />
                <div className={styles['actions']}>
                  <span className={styles['hint']} role="status">{t(phase.share < 1 ? 'picture.sending' : 'picture.preparing')}</span>
                  <Button size="s" variant="ghost" onClick={() => abort.current?.abort()}>{t('common.cancel')}</Button>
                </div>
              </>
            ) : (
              <div className={styles['actions']}>
                <Button size="s" aria-describedby={hintId} data-testid="picture-choose" onClick={() => input.current?.click()}>{t(current === null ? 'picture.choose' : 'picture.replace')}</Button>
                {current !== null && (
                  <Button size="s" variant="ghost" data-testid="picture-remove" onClick={() => void change(() => Promise.resolve(null))}>{t('picture.remove')}</Button>
                )}
                <span className={styles['done']} role="status">{phase.done && t(phase.done === 'saved' ? 'picture.done' : 'picture.removed')}</span>
              </div>
            )}
          </div>
        </div>
      )}
    </div>
  );
}
