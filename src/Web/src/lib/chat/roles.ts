export type Role = 'owner' | 'admin' | 'member';

/** Owners above admins above members; nobody's role is below all. */
export function rank(role: string | null): number {
  return ['member', 'admin', 'owner'].indexOf(role ?? '') + 1;
}
