import type { ChatApi } from './api/chat-api';

/** Web Push of this browser. Its subscription ends with the session; what the browser then still has is of no use. */

const keyOf = (user: string) => `akkachat.push.${user}`;

export const canPush = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

/** Whether this browser gets pushes for the user. */
export async function isSubscribed(user: string): Promise<boolean> {
  if (!canPush() || localStorage.getItem(keyOf(user)) === null) return false;
  const registration = await navigator.serviceWorker.getRegistration();
  return Boolean(await registration?.pushManager.getSubscription());
}

/** Rejects where the browser or the server refuses. The user has allowed notices. */
export async function subscribe(api: ChatApi, user: string, registration: ServiceWorkerRegistration): Promise<void> {
  const { publicKey } = await api.pushKey();
  // One of another key, of this or another installation at the same address, would keep it from being made.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  const { id } = await api.subscribePush(subscription.toJSON());
  localStorage.setItem(keyOf(user), id);
}

export async function unsubscribe(api: ChatApi, user: string): Promise<void> {
  const id = localStorage.getItem(keyOf(user));
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  localStorage.removeItem(keyOf(user));
  if (id !== null) await api.unsubscribePush(id).catch(() => undefined); // it may have ended by itself
}
