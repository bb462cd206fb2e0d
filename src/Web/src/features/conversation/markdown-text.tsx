import { use, type ReactNode } from 'react';
import Markdown, { type Components } from 'react-markdown';
import rehypeSanitize, { type Options as Schema } from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import { CodeBlock } from './code-block';
import { markdownSource } from './markdown-source';
import { Mention } from './mention';
import { mentionLinks, mentionScheme } from './mention-links';
import styles from './message-text.module.css';
import { RowTab } from './row-tab';
import { safeUrl } from './safe-url';
import { useScrollerTab } from './use-scroller-tab';

const allowed = [
  'p', 'br', 'strong', 'em', 'del', 'code', 'pre', 'a', 'ul', 'ol', 'li', 'blockquote', 'hr',
  'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'img', 'input',
];

/** What no rule of `Components` reaches stays out: no HTML is ever read, and what Markdown makes of a text passes this list. */
const schema: Schema = {
  tagNames: allowed,
  attributes: { a: ['href'], img: ['src', 'alt'], th: ['align'], td: ['align'], input: ['checked', 'type', 'disabled'], ol: ['start'], code: [['className', /^language-[\w+#-]+$/]] },
  protocols: { href: ['http', 'https', 'mailto', 'mention'], src: ['http', 'https'] },
  strip: ['script', 'style'],
};

const Heading = ({ children }: { children?: ReactNode }) => <p className={styles['heading']}>{children}</p>;

const components: Components = {
  a: ({ href, children }) => <SafeLink href={href}>{children}</SafeLink>,
  // Loading an image from another site would reveal the reader to it: show a link instead.
  img: ({ src, alt }) => <SafeLink href={typeof src === 'string' ? src : undefined}>{alt === undefined || alt === '' ? src : alt}</SafeLink>,
  input: ({ checked }) => <span aria-hidden="true">{checked === true ? '☑' : '☐'}</span>,
  h1: Heading, h2: Heading, h3: Heading, h4: Heading, h5: Heading, h6: Heading,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => <Table>{children}</Table>,
};

function SafeLink({ href, children }: { href: string | undefined; children?: ReactNode }) {
  const tab = use(RowTab);
  if (href?.startsWith(mentionScheme)) return <Mention username={href.slice(mentionScheme.length)}>{children}</Mention>;
  return safeUrl(href) === '' ? <span>{children}</span> : <a href={href} tabIndex={tab} target="_blank" rel="noopener noreferrer nofollow">{children}</a>;
}

function Table({ children }: { children?: ReactNode }) {
  const scroller = useScrollerTab<HTMLDivElement>();
  return <div {...scroller} className={styles['table']} role="region" aria-label="↔"><table>{children}</table></div>;
}

export default function MarkdownText({ text }: { text: string }) {
  return (
    <Markdown remarkPlugins={[remarkGfm, markdownSource, mentionLinks]} rehypePlugins={[[rehypeSanitize, schema]]} urlTransform={(url) => (url.startsWith(mentionScheme) ? url : safeUrl(url))} components={components}>
      {text}
    </Markdown>
  );
}
