import { useRef, useState, type ComponentProps } from 'react';
import type { MessageFile } from '@/lib/api/schemas';
import { fileUrl, formatBytes, kindOf } from '@/lib/files';
import { useT } from '@/lib/i18n/use-t';
import { DownloadLink } from './file-card';
import { FileIcon } from './file-icon';
import { FileLabel } from './file-name';
import styles from './players.module.css';

interface PlayerProps {
  file: MessageFile;
  tabIndex: number;
}

export function AudioPlayer({ file, tabIndex }: PlayerProps) {
  const media = useRenewed(file.id);
  return (
    <figure className={styles['player']} data-kind="audio" data-testid="audio-player" data-file-id={file.id}>
      <Caption file={file} tabIndex={tabIndex} broken={media.broken} />
      {!media.broken && <audio {...media.props} className={styles['audio']} controls preload="metadata" tabIndex={tabIndex} aria-label={file.name} />}
    </figure>
  );
}

export function VideoPlayer({ file, tabIndex }: PlayerProps) {
  const media = useRenewed(file.id);
  return (
    <figure className={styles['player']} data-kind="video" data-testid="video-player" data-file-id={file.id}>
      {!media.broken && <video {...media.props} className={styles['video']} controls playsInline preload="metadata" tabIndex={tabIndex} aria-label={file.name} />}
      <Caption file={file} tabIndex={tabIndex} broken={media.broken} />
    </figure>
  );
}

function Caption({ file, tabIndex, broken }: PlayerProps & { broken: boolean }) {
  const t = useT();
  return (
    <figcaption className={styles['caption']}>
      <FileIcon kind={kindOf(file.type)} />
      <FileLabel name={file.name} title={file.name} meta={broken ? t('files.cannotPlay') : formatBytes(t, file.size)} />
      <DownloadLink file={file} tabIndex={tabIndex} className={styles['download']} />
    </figcaption>
  );
}

const retryEveryMs = 5_000;

/**
 * The address behind a file is good for minutes; who pauses for longer gets an error at the next byte. Then a new one is asked for, and the
 * playing goes on where it was. An error right after that is the file's own.
 */
function useRenewed(id: string): { broken: boolean; props: Pick<ComponentProps<'video'>, 'src' | 'onError' | 'onPlay'> } {
  const [broken, setBroken] = useState(false);
  const renewedAt = useRef(-Infinity);
  const played = useRef(false);
  return {
    broken,
    props: {
      src: fileUrl(id),
      onPlay: () => void (played.current = true),
      onError: ({ currentTarget: media }) => {
        const now = performance.now();
        if (!played.current || now - renewedAt.current < retryEveryMs) {
          setBroken(true);
          return;
        }
        renewedAt.current = now;
        const at = media.currentTime;
        media.load();
        media.currentTime = at;
        void media.play().catch(() => undefined);
      },
    },
  };
}
