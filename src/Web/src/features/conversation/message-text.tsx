import { memo, type ComponentType } from 'react';
import { Store } from '@/lib/store';
import { useStore } from '@/lib/use-store';
import styles from './message-text.module.css';

/** Most messages contain no Markdown. */
const plain = /^[^*_`~#>[\]!<&\\|@:/\-+.\n]*[.!?]?$/;

const retryMs = 5_000;

// Larger than the list of messages itself: a message shows its source until this is here, which is asked for with the first view.
const markdown = new Store<ComponentType<{ text: string }> | null>(null);
void loadMarkdown();

export async function loadMarkdown(): Promise<void> {
  try {
    markdown.set((await import('./markdown-text')).default);
  } catch (error) {
    console.warn('akkachat: the formatting of messages could not be loaded, next attempt in 5 s', error);
    setTimeout(() => void loadMarkdown(), retryMs);
  }
}

export const MessageText = memo(function MessageText({ text }: { text: string }) {
  const Markdown = useStore(markdown, (component) => component);
  return (
    <div className={styles['text']} data-testid="message-text" dir="auto">
      {Markdown === null || (plain.test(text) && !/^\d/.test(text)) ? <p>{text}</p> : <Markdown text={text} />}
    </div>
  );
});
