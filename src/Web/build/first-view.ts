import type { Rolldown } from 'vite';

type GetModule = (id: string) => { readonly importedIds: readonly string[] } | null;

/** What loads first: the page itself, then signing in or the chat. */
export const roots = { page: '/src/main.tsx', signIn: '/src/features/auth/auth-screen.tsx', chat: '/src/app/shell.tsx' } as const;

/**
 * Puts what a first view needs in three files instead of one for each small thing that several views share: on a slow connection each file costs a turn
 * of its own. `start` is what the page itself imports; `views`, what signing in and the chat share; `chat`, the rest of the chat. All that a module of a
 * file imports is in that file or in one before it, so that no two files need each other.
 */
export function firstView(root: string): Rolldown.CodeSplittingGroup[] {
  const sets = new Map<string, ReadonlySet<string>>();
  const has = (view: string, id: string, context: Rolldown.ChunkingContext): boolean => {
    const set = sets.get(view) ?? importedBy(root + view, (module) => context.getModuleInfo(module));
    sets.set(view, set);
    return set.has(id);
  };
  const group = (name: string, priority: number, of: readonly string[]): Rolldown.CodeSplittingGroup => ({
    name: (id, context) => (of.every((view) => has(view, id, context)) ? name : null),
    priority,
  });
  // A file takes what its modules import along, where no file before it has it.
  return [group('start', 3, [roots.page]), group('views', 2, [roots.signIn, roots.chat]), group('chat', 1, [roots.chat])];
}

/** All that a module imports, directly or not, without what is only loaded later. The module itself stays where its name is expected. */
export function importedBy(root: string, getModule: GetModule): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (id: string): void => {
    for (const imported of getModule(id)?.importedIds ?? []) {
      if (imported === root || found.has(imported)) continue;
      found.add(imported);
      visit(imported);
    }
  };
  visit(root);
  return found;
}
