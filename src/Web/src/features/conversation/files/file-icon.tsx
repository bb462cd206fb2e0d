import { File, FileArchive, FileImage, FileMusic, FileText, FilePlay } from 'lucide-react';
import type { FileKind } from '@/lib/files';
import styles from './file-icon.module.css';

const icons = { image: FileImage, video: FilePlay, audio: FileMusic, pdf: FileText, archive: FileArchive, text: FileText, file: File };

export function FileIcon({ kind }: { kind: FileKind }) {
  const Icon = icons[kind];
  return <span className={styles['icon']} data-kind={kind}><Icon aria-hidden="true" /></span>;
}
