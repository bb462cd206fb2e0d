import { useEffect, useMemo } from 'react';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { summaryOf } from '@/lib/message-summary';
import { dismissToast, showToast } from '@/lib/toasts';
import { useStoreByFrame } from '@/lib/use-store';

/** A toast for what arrives in the rooms that are not in view, and the number of unread messages in the page's title. */
export function useNotifications(current: string | null): void {
  const t = useT();
  const { client } = useChat();
  const rooms = useStoreByFrame(client.rooms, (value) => value);
  const total = useMemo(() => [...rooms.values()].reduce((sum, room) => sum + room.unread, 0), [rooms]);
  const name = current === null ? undefined : rooms.get(current)?.name;

  useEffect(
    () => client.onNotice(({ room, message, mentioned, direct }) => {
      if (room === current) return;
      const params = { name: message.author.displayName, room: client.rooms.get().get(room)?.name ?? '' };
      showToast({
        // A later message of the room must not take the place of a mention.
        key: `${mentioned ? 'mention' : 'room'}:${room}`,
        title: t(direct ? 'notify.direct' : mentioned ? 'notify.mention' : 'notify.message', params),
        text: summaryOf(t, message),
        room,
        tone: mentioned ? 'mention' : 'info',
      });
    }),
    [client, current, t],
  );

  useEffect(() => {
    if (current === null) return;
    dismissToast(`room:${current}`);
    dismissToast(`mention:${current}`);
  }, [current]);

  useEffect(() => {
    const place = name === undefined ? t('app.name') : `${name} · ${t('app.name')}`;
    document.title = total > 0 ? `(${total > 999 ? '999+' : total}) ${place}` : place;
    return () => void (document.title = t('app.name'));
  }, [total, name, t]);
}
