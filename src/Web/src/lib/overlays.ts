import { Store } from './store';

/** Whose profile is shown, and in which room it was asked for. */
export const profileShown = new Store<{ readonly user: string; readonly room: string | null } | null>(null);

export const showProfile = (user: string, room: string | null): void => profileShown.set({ user, room });
