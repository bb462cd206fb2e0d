import type { ReactNode } from 'react';
import styles from './about.module.css';

/** What somebody or a room is: the picture, and beside it the name and what goes with it. */
export const About = ({ picture, children }: { picture: ReactNode; children: ReactNode }) => (
  <div className={styles['about']}>
    {picture}
    <div className={styles['names']}>{children}</div>
  </div>
);

export const AboutText = ({ children, testId }: { children: ReactNode; testId?: string }) => <p className={styles['text']} dir="auto" data-testid={testId}>{children}</p>;

/** Where one goes on from there. */
export const AboutActions = ({ children }: { children: ReactNode }) => <div className={styles['actions']}>{children}</div>;
