/** Notices of a worker outlive the page, and replace those that it shows by itself. Undefined where there is none. */
export async function registerWorker(): Promise<ServiceWorkerRegistration | undefined> {
  if (!('serviceWorker' in navigator)) return undefined;
  try {
    await navigator.serviceWorker.register('/sw.js');
    return await navigator.serviceWorker.ready;
  } catch (error) {
    console.warn('akkachat: the service worker could not be registered', error);
    return undefined;
  }
}
