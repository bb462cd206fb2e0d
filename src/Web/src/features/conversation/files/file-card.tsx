import { Download, ExternalLink } from 'lucide-react';
import type { MessageFile } from '@/lib/api/schemas';
import { downloadUrl, extensionOf, fileUrl, formatBytes, kindOfFile } from '@/lib/files';
import { useT } from '@/lib/i18n/use-t';
import { FileIcon } from './file-icon';
import { FileLabel } from './file-name';
import styles from './file-card.module.css';

/** A file that is not shown here: the card downloads it, or opens a PDF beside the page. */
export function FileCard({ file, tabIndex }: { file: MessageFile; tabIndex: number }) {
  const t = useT();
  const kind = kindOfFile(file);
  const isPdf = kind === 'pdf';
  const size = formatBytes(t, file.size);
  const type = isPdf ? 'PDF' : extensionOf(file.name).toUpperCase();
  return (
    <div className={styles['card']} data-testid="file-card" data-file-id={file.id}>
      <a
        className={styles['main']}
        href={isPdf ? fileUrl(file.id) : downloadUrl(file.id)}
        {...(isPdf ? { target: '_blank', rel: 'noopener noreferrer' } : { download: file.name })}
        tabIndex={tabIndex}
        title={t(isPdf ? 'files.openTab' : 'files.download', { name: file.name })}
        data-testid={isPdf ? 'file-open' : 'file-download'}
      >
        <FileIcon kind={kind} />
        <FileLabel name={file.name} meta={type === '' ? size : `${type} · ${size}`} />
        {isPdf ? <ExternalLink className={styles['hint']} aria-hidden="true" /> : <Download className={styles['hint']} aria-hidden="true" />}
      </a>
      {isPdf && <DownloadLink file={file} tabIndex={tabIndex} className={styles['side']} />}
    </div>
  );
}

export function DownloadLink({ file, tabIndex, className }: { file: MessageFile; tabIndex: number; className?: string | undefined }) {
  const t = useT();
  const label = t('files.download', { name: file.name });
  return (
    <a className={className} href={downloadUrl(file.id)} download={file.name} tabIndex={tabIndex} aria-label={label} title={label} data-testid="file-download">
      <Download aria-hidden="true" />
    </a>
  );
}
