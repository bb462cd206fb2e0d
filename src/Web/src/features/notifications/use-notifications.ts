import { useEffect, useMemo, useRef } from 'react';
import type { Notice } from '@/lib/chat/chat-client';
import { countOf } from '@/lib/chat/room-order';
import { wantsNotice } from '@/lib/chat/user-settings';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { hashOf } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { summaryOf } from '@/lib/message-summary';
import { dismissToast, showToast } from '@/lib/toasts';
import { useStore, useStoreByFrame } from '@/lib/use-store';
import type { DesktopNotices } from './desktop-notices';

const activeEveryMs = 60_000;
const idleAfterMs = 120_000;
const looks = () => document.visibilityState === 'visible' && document.hasFocus();

/**
 * Tells of messages: in the page while the user looks at it, else by a notice of the desktop. Shows in the title and in the icon how much is
 * unread.
 */
export function useNotifications(current: string | null): void {
  const t = useT();
  const { client, me } = useChat();
  const rooms = useStoreByFrame(client.rooms, (value) => value);
  const total = useMemo(() => [...rooms.values()].reduce((sum, room) => sum + countOf(room), 0), [rooms]);
  const name = current === null ? undefined : rooms.get(current)?.name;
  const push = useStore(client.settings.value, (settings) => settings.push);
  const desktop = useRef<DesktopNotices | null>(null);

  // Not part of the first view. Until it is there, what arrives is told of in the page.
  useEffect(() => {
    let ended = false;
    import('./desktop-notices').then(
      (module) => {
        if (!ended) desktop.current = new module.DesktopNotices(me.id);
      },
      () => undefined,
    );
    return () => {
      ended = true;
      desktop.current?.stop();
      desktop.current = null;
    };
  }, [me.id]);

  useEffect(
    () => client.onNotice(({ room, message, mentioned, direct }: Notice) => {
      const entry = client.rooms.get().get(room);
      if (!wantsNotice(entry, mentioned, client.settings.value.get(), new Date()) || (room === current && looks())) return;
      const title = t(direct ? 'notify.direct' : mentioned ? 'notify.mention' : 'notify.message', { name: message.author.displayName, room: entry?.name ?? '' });
      const text = summaryOf(t, message);
      if (!looks() && desktop.current && 'Notification' in window && Notification.permission === 'granted') {
        const notice = { title, body: text, tag: message.id, room, hash: hashOf({ view: 'room', room }) };
        desktop.current.show(notice).catch((error: unknown) => console.warn('akkachat: the notice could not be shown', error));
      } else if (room !== current) {
        // A later message of the room must not take the place of a mention.
        showToast({ key: `${mentioned ? 'mention' : 'room'}:${room}`, title, text, room, tone: mentioned ? 'mention' : 'info' });
      }
    }),
    [client, current, t],
  );

  useEffect(
    () => client.deeds.onRefused(({ kind, id }, code) => showToast({ key: `${kind}:${id}`, title: translateError(t, code), tone: 'error' })),
    [client, t],
  );

  useEffect(() => {
    if (current === null) return;
    dismissToast(`room:${current}`);
    dismissToast(`mention:${current}`);
    void desktop.current?.close(current).catch(() => undefined);
  }, [current]);

  useEffect(() => {
    const place = name === undefined ? t('app.name') : `${name} · ${t('app.name')}`;
    document.title = total > 0 ? `(${total > 999 ? '999+' : total}) ${place}` : place;
    return () => void (document.title = t('app.name'));
  }, [total, name, t]);

  useEffect(() => {
    // Before the first unread message the icon is as it should be.
    if (total === 0 && document.querySelector('link[rel=icon][data-plain]') === null) return;
    import('./icon-badge').then(({ badgeIcon }) => badgeIcon(total), () => undefined);
  }, [total]);

  useActivity(push);
}

/** Where some browser of the user gets pushes, the server is told that the user looks here: it then pushes nothing. */
function useActivity(push: boolean): void {
  const { client } = useChat();
  useEffect(() => {
    if (!push) return;
    let acted = Date.now();
    let told = false;
    const tell = () => {
      const active = looks() && Date.now() - acted < idleAfterMs;
      if (!active && !told) return;
      told = active;
      client.api.setActive(active).catch(() => undefined); // then a push tells of what the page tells of, too
    };
    const act = () => {
      const back = Date.now() - acted >= idleAfterMs;
      acted = Date.now();
      if (back) tell();
    };
    const timer = setInterval(tell, activeEveryMs);
    const looked = ['focus', 'blur', 'visibilitychange'];
    for (const event of looked) addEventListener(event, tell);
    document.addEventListener('visibilitychange', tell);
    for (const event of ['pointerdown', 'keydown']) addEventListener(event, act);
    tell();
    return () => {
      clearInterval(timer);
      for (const event of looked) removeEventListener(event, tell);
      document.removeEventListener('visibilitychange', tell);
      for (const event of ['pointerdown', 'keydown']) removeEventListener(event, act);
    };
  }, [push, client]);
}
