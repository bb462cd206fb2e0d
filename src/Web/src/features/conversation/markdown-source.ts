import type { Definition, Html, Nodes, Paragraph, Root, RootContent } from 'mdast';

/**
 * A remark plugin: no word of a message is lost. HTML is text, and a block that would show nothing (a link definition that nothing
 * refers to, a heading without words) is its own source.
 */
export function markdownSource() {
  return (tree: Root, file: { readonly value: unknown }): void => {
    const source = String(file.value);
    const referred = new Set<string>();
    visit(tree, (node) => {
      if (node.type === 'linkReference' || node.type === 'imageReference') referred.add(node.identifier);
    });
    tree.children = tree.children.map((block) => (isShown(block, referred) ? block : paragraph(textOf(block, source))));
    visit(tree, (node) => {
      if (!('children' in node)) return;
      node.children = node.children.map((child: Nodes) => (child.type === 'html' ? asText(child, node) : child)) as never;
    });
  };
}

function isShown(block: RootContent, referred: ReadonlySet<string>): boolean {
  if (block.type === 'definition') return isReferred(block, referred);
  return block.type === 'footnoteDefinition' || shows(block);
}

/** Something of it is seen: a word, a picture, a line, a box. */
function shows(node: Nodes): boolean {
  if (['thematicBreak', 'table', 'image', 'imageReference', 'footnoteReference', 'code'].includes(node.type)) return true;
  if ('value' in node) return node.value.trim() !== '';
  return 'children' in node && node.children.some(shows);
}

const isReferred = (definition: Definition, referred: ReadonlySet<string>): boolean => referred.has(definition.identifier);

/** Among blocks a paragraph, within a line a text. */
function asText(html: Html, parent: Nodes): RootContent {
  const inline = parent.type !== 'root' && parent.type !== 'blockquote' && parent.type !== 'listItem' && parent.type !== 'footnoteDefinition';
  return inline ? { type: 'text', value: html.value } : paragraph(html.value);
}

const paragraph = (value: string): Paragraph => ({ type: 'paragraph', children: [{ type: 'text', value }] });

const textOf = ({ position }: RootContent, source: string): string =>
  position ? source.slice(position.start.offset, position.end.offset) : '';

function visit(node: Nodes, see: (node: Nodes) => void): void {
  see(node);
  if ('children' in node) for (const child of node.children) visit(child, see);
}
