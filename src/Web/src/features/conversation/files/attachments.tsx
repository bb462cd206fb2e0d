import { RotateCw, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { fileUrl, formatBytes, kindOf, kindOfFile } from '@/lib/files';
import { translateError, type Translator } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { isBusy, type Upload, type Uploads } from '@/lib/uploads/uploads';
import { IconButton } from '@/ui/button';
import { FileIcon } from './file-icon';
import { FileName } from './file-name';
import styles from './attachments.module.css';

interface AttachmentsProps {
  items: readonly Upload[];
  uploads: Uploads;
  maxBytes: number;
  /** The last one has gone: the focus needs a place. */
  onEmpty: () => void;
}

/** The files that the next message will carry, and how far they are. */
export function Attachments({ items, uploads, maxBytes, onEmpty }: AttachmentsProps) {
  const t = useT();
  const list = useRef<HTMLUListElement>(null);

  // The focus goes to the neighbour of what is removed, never to nowhere.
  const remove = (key: string) => {
    const at = items.findIndex((item) => item.key === key);
    uploads.remove(key);
    const next = items[at + 1] ?? items[at - 1];
    if (next) list.current?.querySelector<HTMLElement>(`[data-key="${next.key}"] [data-remove]`)?.focus();
    else onEmpty();
  };

  return (
    <>
      {items.length > 0 && (
        <ul ref={list} className={styles['list']} aria-label={t('attachments.label')} data-testid="attachments">
          {items.map((item) => (
            <Chip key={item.key} item={item} maxBytes={maxBytes} onRetry={() => uploads.retry(item.key)} onRemove={() => remove(item.key)} />
          ))}
        </ul>
      )}
      <Announcer items={items} />
    </>
  );
}

interface ChipProps {
  item: Upload;
  maxBytes: number;
  onRetry: () => void;
  onRemove: () => void;
}

function Chip({ item, maxBytes, onRetry, onRemove }: ChipProps) {
  const t = useT();
  const { name, state, size, sent } = item;
  const bad = state === 'failed' || state === 'refused';
  const percent = size === 0 ? 100 : Math.min(100, Math.floor((sent / size) * 100));
  return (
    <li className={styles['chip']} data-state={state} data-key={item.key} data-testid="attachment" data-file-id={item.id ?? undefined}>
      <Thumbnail item={item} />
      <span className={styles['text']} title={name}>
        <FileName name={name} />
        <span className={styles['status']} data-testid="attachment-status">{statusText(t, item, percent, maxBytes)}</span>
      </span>
      {state === 'failed' && (
        <IconButton className={styles['button']} label={t('attachments.retry', { name })} data-testid="attachment-retry" onClick={onRetry}><RotateCw /></IconButton>
      )}
      <IconButton
        className={styles['button']}
        label={t(isBusy(item) ? 'attachments.cancel' : 'attachments.remove', { name })}
        data-remove=""
        data-testid="attachment-remove"
        onClick={onRemove}
      >
        <X />
      </IconButton>
      {isBusy(item) && (
        <span
          className={styles['track']}
          role="progressbar"
          aria-label={t('attachments.progress', { name })}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
          data-testid="attachment-progress"
        >
          <span style={{ width: `${percent}%` }} />
        </span>
      )}
      {bad && <span className="visually-hidden">{t('attachments.notSent')}</span>}
    </li>
  );
}

function Thumbnail({ item }: { item: Upload }) {
  const [broken, setBroken] = useState(false);
  const isImage = kindOf(item.type) === 'image';
  const src = item.preview ?? (isImage && item.state === 'done' && item.id !== null ? fileUrl(item.id, 'small') : null);
  if (src === null || broken) return <FileIcon kind={kindOfFile(item)} />;
  return <img className={styles['thumbnail']} src={src} alt="" draggable={false} onError={() => setBroken(true)} />;
}

function statusText(t: Translator, item: Upload, percent: number, maxBytes: number): string {
  const size = formatBytes(t, item.size);
  switch (item.state) {
    case 'refused':
    case 'failed':
      return errorText(t, item.error ?? 'unknown', maxBytes);
    case 'queued':
      return item.sent > 0 ? `${size} · ${percent} %` : `${size} · ${t('attachments.queued')}`;
    case 'waiting':
      return t(item.error === 'offline' ? 'attachments.offline' : 'attachments.waiting');
    case 'uploading':
      // The last bytes are followed by a moment in which the server looks at what it got.
      return percent === 100 ? `${size} · ${t('attachments.finishing')}` : `${size} · ${percent} %`;
    case 'done':
      return size;
  }
}

function errorText(t: Translator, code: string, maxBytes: number): string {
  return code === 'file_too_large' ? t('attachments.tooLarge', { size: formatBytes(t, maxBytes) }) : translateError(t, code);
}

/** Says what has changed, once, in words: numbers that run are for the eye. */
function Announcer({ items }: { items: readonly Upload[] }) {
  const t = useT();
  const [said, setSaid] = useState('');
  const [known, setKnown] = useState<ReadonlyMap<string, Upload['state']>>(new Map());
  const changed = items.filter(({ key, state }) => known.get(key) !== state);
  if (changed.length > 0) {
    setKnown(new Map(items.map(({ key, state }) => [key, state])));
    const news = changed.map((item) => newsOf(t, item, known.get(item.key))).filter((line) => line !== '');
    if (news.length > 0) setSaid(news.join(' '));
  }
  return <p className="visually-hidden" role="status" data-testid="attachments-status">{said}</p>;
}

function newsOf(t: Translator, { name, state, error }: Upload, before: Upload['state'] | undefined): string {
  if (state === 'failed' || state === 'refused') return t('attachments.said.failed', { name, reason: translateError(t, error ?? 'unknown') });
  if (before === undefined) return state === 'done' ? '' : t('attachments.said.started', { name });
  return state === 'done' ? t('attachments.said.done', { name }) : '';
}
