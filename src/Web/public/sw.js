// Tells of messages when no page is open. It caches nothing and answers no requests: the page does not depend on it.

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => event.waitUntil(tell(event.data)));

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.hash ?? '#/'));
});

// The browser has ended the subscription, for example because its keys were changed: another one takes its place.
self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(renew(event.oldSubscription)));

async function tell(data) {
  let push;
  try {
    push = data.json();
  } catch {
    return;
  }
  const { room, name, id, author, text, files, mentioned } = push;
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.some((page) => page.focused)) return; // it has told by itself
  await self.registration.showNotification(`${author} · ${name}`, {
    body: text === '' && files > 0 ? '📎' : text,
    // The same as that of a page, which may tell of the message too.
    tag: id,
    icon: '/favicon.svg',
    requireInteraction: mentioned,
    data: { room, hash: `#/r/${encodeURIComponent(room)}` },
  });
}

async function open(hash) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find(({ visibilityState }) => visibilityState === 'visible') ?? pages[0];
  if (!page) {
    await self.clients.openWindow(`/${hash}`);
    return;
  }
  await page.focus();
  page.postMessage({ open: hash });
}

async function renew(old) {
  if (!old) return;
  const subscription = await self.registration.pushManager.subscribe(old.options);
  await fetch('/api/push/subscriptions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-AkkaChat': '1' },
    body: JSON.stringify(subscription),
  });
}
