import { useState } from 'react';
import { fileUrl } from '@/lib/files';
import { hash, initials } from '@/lib/text';
import styles from './avatar.module.css';

/** White text keeps 4.5:1 on each of these. */
const colours = ['#b91c1c', '#c2410c', '#a0510a', '#4d7c0f', '#15803d', '#0f766e', '#0e7490', '#0369a1', '#1d4ed8', '#4f46e5', '#7c3aed', '#a21caf', '#be185d'];

interface AvatarProps {
  /** Chooses the colour: the same person is the same everywhere. */
  id: string;
  name: string;
  /** A file. Until it is there, and where there is none, the initials are. */
  picture?: string | null | undefined;
  size?: 20 | 28 | 36 | 40 | 96;
  online?: boolean | null;
  square?: boolean;
}

/** Decoration: the name stands beside it. */
export function Avatar({ id, name, picture, size = 36, online, square = false }: AvatarProps) {
  const background = colours[hash(id) % colours.length];
  return (
    <span className={styles['avatar']} data-size={size} data-square={square || undefined} aria-hidden="true">
      <span className={styles['face']} style={{ background }}>
        {initials(name)}
        {picture !== null && picture !== undefined && <Picture key={picture} id={picture} />}
      </span>
      {online !== undefined && <span className={styles['dot']} data-online={online ?? 'unknown'} />}
    </span>
  );
}

function Picture({ id }: { id: string }) {
  const [state, setState] = useState<'loading' | 'shown' | 'gone'>('loading');
  if (state === 'gone') return null;
  return (
    <img className={styles['picture']} src={fileUrl(id, 'small')} alt="" draggable={false} decoding="async" data-state={state} data-testid="picture" onLoad={() => setState('shown')} onError={() => setState('gone')} />
  );
}
