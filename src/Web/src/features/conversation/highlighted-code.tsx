import { common, createLowlight } from 'lowlight';
import { Fragment, type ReactNode } from 'react';
import styles from './highlighted-code.module.css';

const lowlight = createLowlight(common);

type Tree = ReturnType<typeof lowlight.highlight>;
type Node = Tree['children'][number];

/** Colours by the kinds that matter to a reader; other kinds look like text. */
const kinds: Readonly<Record<string, string>> = {
  'hljs-comment': 'comment', 'hljs-quote': 'comment', 'hljs-meta': 'comment',
  'hljs-keyword': 'keyword', 'hljs-literal': 'keyword', 'hljs-selector-tag': 'keyword', 'hljs-name': 'keyword', 'hljs-built_in': 'keyword', 'hljs-type': 'keyword',
  'hljs-string': 'string', 'hljs-regexp': 'string', 'hljs-addition': 'string', 'hljs-symbol': 'string',
  'hljs-number': 'number', 'hljs-attr': 'number', 'hljs-attribute': 'number', 'hljs-variable': 'number', 'hljs-deletion': 'number',
  'hljs-title': 'title', 'hljs-section': 'title',
};

export default function HighlightedCode({ text, language }: { text: string; language: string }) {
  if (!lowlight.registered(language)) return text;
  return lowlight.highlight(language, text).children.map(show);
}

/** The tree becomes elements: no text of a message is ever read as HTML. */
function show(node: Node, key: number): ReactNode {
  if (node.type === 'text') return node.value;
  if (node.type !== 'element') return null;
  const names = Array.isArray(node.properties['className']) ? node.properties['className'] : [];
  const kind = names.map((name) => kinds[name]).find((name) => name !== undefined);
  const children = node.children.map(show);
  return kind === undefined ? <Fragment key={key}>{children}</Fragment> : <span key={key} className={styles[kind]}>{children}</span>;
}
