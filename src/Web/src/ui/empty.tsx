import type { ReactNode } from 'react';
import styles from './empty.module.css';

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  text?: string;
  children?: ReactNode;
  testId?: string;
}

export function Empty({ icon, title, text, children, testId }: EmptyProps) {
  return (
    <div className={styles['empty']} data-testid={testId}>
      {icon && <div className={styles['icon']} aria-hidden="true">{icon}</div>}
      <p className={styles['title']}>{title}</p>
      {text && <p className={styles['text']}>{text}</p>}
      {children && <div className={styles['actions']}>{children}</div>}
    </div>
  );
}

/** Grey bars in the place of what is loading. */
export function Skeleton({ rows, avatar = true }: { rows: number; avatar?: boolean }) {
  return (
    <div className={styles['skeleton']} aria-hidden="true">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className={styles['row']}>
          {avatar && <span className={styles['disc']} />}
          <span className={styles['lines']}>
            <span className={styles['bar']} style={{ width: `${30 + ((i * 37) % 30)}%` }} />
            <span className={styles['bar']} style={{ width: `${50 + ((i * 53) % 45)}%` }} />
          </span>
        </div>
      ))}
    </div>
  );
}
