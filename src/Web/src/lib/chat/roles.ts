import type { Member } from '@/lib/api/schemas';

export type Role = 'owner' | 'admin' | 'member';

/** Owners above admins above members; nobody's role is below all. */
export function rank(role: string | null): number {
  return ['member', 'admin', 'owner'].indexOf(role ?? '') + 1;
}

/** Whom the user is about to remove. */
export interface Removal {
  readonly member: Member;
  readonly name: string;
  readonly kind: 'kick' | 'ban';
}
