import type { Nodes, PhrasingContent, Root } from 'mdast';

const mention = /(?<![\w@.-])@([A-Za-z0-9_.-]{3,32})/g;

/** What stands in front of a username, where a link leads to a person. */
export const mentionScheme = 'mention:';

/** A remark plugin: `@username` leads to the person, in running text only. */
export function mentionLinks() {
  return (tree: Root): void => visit(tree);
}

function visit(node: Nodes): void {
  if (!('children' in node) || node.type === 'link' || node.type === 'linkReference') return;
  node.children = node.children.flatMap((child: Nodes): Nodes[] => {
    if (child.type === 'text') return split(child.value);
    visit(child);
    return [child];
  }) as never;
}

function split(text: string): PhrasingContent[] {
  const parts: PhrasingContent[] = [];
  let from = 0;
  for (const match of text.matchAll(mention)) {
    if (match.index > from) parts.push({ type: 'text', value: text.slice(from, match.index) });
    parts.push({ type: 'link', url: `${mentionScheme}${match[1] ?? ''}`, children: [{ type: 'text', value: match[0] }] });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ type: 'text', value: text.slice(from) });
  return parts;
}
