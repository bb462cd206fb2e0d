import { Check, Copy } from 'lucide-react';
import { isValidElement, lazy, Suspense, use, useEffect, useState, type ReactNode } from 'react';
import { copyText } from '@/lib/clipboard';
import { useT } from '@/lib/i18n/use-t';
import { RowTab } from './row-tab';
import { useScrollerTab } from './use-scroller-tab';
import styles from './code-block.module.css';

// The highlighter is larger than the rest of the conversation, and most messages have no code.
const HighlightedCode = lazy(() => import('./highlighted-code'));

/** What is longer is shown as it is: colouring it would hold up the page. */
const maxLength = 10_000;
const copiedMs = 2_000;

/** A block of code, coloured where its language is named, with a button that copies it. */
export function CodeBlock({ children }: { children?: ReactNode }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  const { text, language } = read(children);
  const tab = use(RowTab);
  const scroller = useScrollerTab<HTMLPreElement>();

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), copiedMs);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    if (await copyText(t, text)) setCopied(true);
  };

  return (
    <div className={styles['block']} data-testid="code-block">
      <pre {...scroller}>
        <code>
          {language === null || text.length > maxLength ? text : <Suspense fallback={text}><HighlightedCode text={text} language={language} /></Suspense>}
        </code>
      </pre>
      <button type="button" className={styles['copy']} tabIndex={tab} aria-label={t('code.copy')} title={t('code.copy')} data-testid="code-copy" onClick={() => void copy()}>
        {copied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
      </button>
    </div>
  );
}

/** Markdown makes `<code class="language-js">text</code>` of a block. */
function read(children: ReactNode): { text: string; language: string | null } {
  if (!isValidElement<{ children?: ReactNode; className?: string }>(children)) return { text: typeof children === 'string' ? children : '', language: null };
  const { children: text, className } = children.props;
  return { text: typeof text === 'string' ? text.replace(/\n$/, '') : '', language: /\blanguage-([\w+#-]+)/.exec(className ?? '')?.[1] ?? null };
}
