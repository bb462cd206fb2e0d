import { Store } from './store';

/** The route in the address, after the hash: any static host can serve it, and no server logs it. */
export type Route =
  | { readonly view: 'login' | 'register' | 'rooms' }
  | { readonly view: 'room'; readonly room: string; readonly message?: string; readonly thread?: string }
  | { readonly view: 'invite'; readonly code: string }
  | { readonly view: 'admin'; readonly page: AdminPage };

export const adminPages = ['overview', 'rooms', 'sockets', 'work'] as const;
export type AdminPage = (typeof adminPages)[number];

export function parseRoute(hash: string): Route {
  const [, first, second, third, fourth] = hash.replace(/^#/, '').split('/');
  if (first === 'r' && second && third === 't' && fourth) return { view: 'room', room: safeDecode(second), thread: safeDecode(fourth) };
  if (first === 'r' && second && third) return { view: 'room', room: safeDecode(second), message: safeDecode(third) };
  if (first === 'r' && second) return { view: 'room', room: safeDecode(second) };
  if (first === 'invite' && second) return { view: 'invite', code: safeDecode(second) };
  if (first === 'admin') return { view: 'admin', page: adminPages.find((page) => page === second) ?? 'overview' };
  if (first === 'login' || first === 'register') return { view: first };
  return { view: 'rooms' };
}

export function hashOf(route: Route): string {
  if (route.view === 'room' && route.thread !== undefined) return `#/r/${encodeURIComponent(route.room)}/t/${encodeURIComponent(route.thread)}`;
  if (route.view === 'room') return `#/r/${encodeURIComponent(route.room)}${route.message === undefined ? '' : `/${encodeURIComponent(route.message)}`}`;
  if (route.view === 'invite') return `#/invite/${encodeURIComponent(route.code)}`;
  if (route.view === 'admin') return route.page === 'overview' ? '#/admin' : `#/admin/${route.page}`;
  return route.view === 'rooms' ? '#/' : `#/${route.view}`;
}

export const route = new Store<Route>(parseRoute(location.hash));

addEventListener('hashchange', () => route.set(parseRoute(location.hash)));

export function navigate(to: Route, replace = false): void {
  const hash = hashOf(to);
  if (hash === location.hash) return;
  if (replace) {
    history.replaceState(null, '', hash);
    route.set(to);
  } else {
    location.hash = hash;
  }
}

/** What others can be given. */
export const urlOf = (to: Route): string => new URL(hashOf(to), location.href).href;

/** Goes to a message in its room, also where the address says so already: whoever has scrolled on since is brought back. */
export function goToMessage(room: string, message: string): void {
  const now = route.get();
  const isThere = now.view === 'room' && now.room === room && now.message === message;
  if (!isThere) {
    navigate({ view: 'room', room, message });
    return;
  }
  navigate({ view: 'room', room }, true);
  requestAnimationFrame(() => navigate({ view: 'room', room, message }, true));
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
