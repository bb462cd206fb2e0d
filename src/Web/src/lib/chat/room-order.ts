import { byName, isDirect, type RoomEntry } from './room-entry';

const byPlace = (a: RoomEntry, b: RoomEntry): number => a.preferences.order - b.preferences.order || byName(a, b);

export interface RoomSections {
  readonly favourites: readonly RoomEntry[];
  readonly others: readonly RoomEntry[];
}

/** Direct rooms stand in a list of their own, unless they are favourites. */
const isListed = (room: RoomEntry): boolean => !isDirect(room) || room.preferences.favourite;

/** The list: favourites as the user has ordered them, then the others by name. It is the same tomorrow, whatever arrives. */
export function sectionsOf(rooms: Iterable<RoomEntry>): RoomSections {
  const all = [...rooms].filter(isListed);
  return {
    favourites: all.filter(({ preferences }) => preferences.favourite).sort(byPlace),
    others: all.filter(({ preferences }) => !preferences.favourite).sort(byName),
  };
}

/** As `sectionsOf`, but sorts only where a name, a place or the rooms themselves have changed: a message changes none of them. */
export function createSections(): (rooms: ReadonlyMap<string, RoomEntry>) => RoomSections {
  let last: RoomSections = { favourites: [], others: [] };
  const again = (rooms: ReadonlyMap<string, RoomEntry>, entries: readonly RoomEntry[]) => {
    const fresh: RoomEntry[] = [];
    for (const old of entries) {
      const entry = rooms.get(old.id);
      if (!entry || entry.name !== old.name || entry.preferences.favourite !== old.preferences.favourite || entry.preferences.order !== old.preferences.order) return null;
      fresh.push(entry);
    }
    return fresh;
  };
  return (rooms) => {
    let listed = 0;
    for (const room of rooms.values()) if (isListed(room)) listed++;
    const same = listed === last.favourites.length + last.others.length;
    const favourites = same ? again(rooms, last.favourites) : null;
    const others = favourites && again(rooms, last.others);
    last = favourites && others ? { favourites, others } : sectionsOf(rooms.values());
    return last;
  };
}

/** Whether somebody waits there: of a muted room only mentions count. */
export const needsAttention = ({ unread, mentions, preferences }: RoomEntry): boolean => mentions > 0 || (unread > 0 && !preferences.muted);

/** What of the room counts in the title and in the icon. */
export const countOf = ({ unread, mentions, preferences }: RoomEntry): number => (preferences.muted ? mentions : unread);
