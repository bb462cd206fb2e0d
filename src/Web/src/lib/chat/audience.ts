import type { Message } from '@/lib/api/schemas';
import { rank } from './roles';
import { isDirect, type RoomEntry } from './room-entry';

export type Audience = NonNullable<Message['audience']>;

/** In a larger room only owners and admins mention everybody at once, and in one that is larger still nobody those who are online. */
const maxOpen = 100;
const maxHere = 500;

/** The words that mention more than one member, as far as the user may use them. In a direct room every message is meant for all. */
export function audiencesOf(room: Pick<RoomEntry, 'visibility' | 'memberCount' | 'role'>): readonly Audience[] {
  if (isDirect(room) || (room.memberCount > maxOpen && rank(room.role) < rank('admin'))) return [];
  return room.memberCount > maxHere ? ['room'] : ['room', 'here'];
}

/** Whether the text may mention more than those whom it names: then only the server knows. */
export const mayHaveAudience = (text: string): boolean => /@(room|here)/i.test(text);
