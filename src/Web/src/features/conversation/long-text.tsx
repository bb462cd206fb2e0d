import { useState } from 'react';
import { useT } from '@/lib/i18n/use-t';
import { MessageText } from './message-text';
import styles from './long-text.module.css';

const lines = 12;
const lineLength = 100;

/** Whether a text is longer than the twelve lines that are shown of it at first. By its length: measuring would move the list. */
export const isLong = (text: string): boolean =>
  text.length > lines * lineLength || text.split('\n').reduce((count, line) => count + Math.max(1, Math.ceil(line.length / lineLength)), 0) > lines;

// Which are shown in whole: a row that leaves the view and comes back is a new one.
const whole = new Set<string>();

/** A text of more than twelve lines, shown in part until the reader wants all of it. */
export function LongText({ id, text, tabIndex }: { id: string; text: string; tabIndex: number }) {
  const t = useT();
  const [all, setAll] = useState(() => whole.has(id));

  const toggle = () => {
    if (all) whole.delete(id);
    else whole.add(id);
    setAll(!all);
  };

  return (
    <div className={styles['long']}>
      <div className={styles['text']} data-cut={!all || undefined}><MessageText text={text} /></div>
      <button type="button" className={styles['toggle']} tabIndex={tabIndex} aria-expanded={all} data-testid="message-more" onClick={toggle}>
        {t(all ? 'message.less' : 'message.whole')}
      </button>
    </div>
  );
}
