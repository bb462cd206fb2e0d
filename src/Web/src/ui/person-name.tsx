import type { Person } from '@/lib/api/schemas';
import { useChat } from '@/lib/session/session-context';
import { useStoreByFrame } from '@/lib/use-store';

type Named = Pick<Person, 'id' | 'displayName'>;

/** The name that somebody has now, where it is among `users`. */
export const nameAmong = (users: ReadonlyMap<string, Named>, { id, displayName }: Named): string => users.get(id)?.displayName ?? displayName;

/** The name that somebody has now, where it is known, and not the one they had when they said something. */
export function usePersonName(person: Named): string {
  const { users } = useChat().client;
  return useStoreByFrame(users, (all) => nameAmong(all, person));
}

export const PersonName = ({ person }: { person: Named }) => usePersonName(person);
