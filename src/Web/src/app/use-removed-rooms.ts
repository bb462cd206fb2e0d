import { useEffect, useRef } from 'react';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { useStoreByFrame } from '@/lib/use-store';

/** Leaves the view of a room that the user is no longer in, perhaps because of another device, and shows its name. */
export function useRemovedRooms(current: string | null): void {
  const t = useT();
  const { client } = useChat();
  const rooms = useStoreByFrame(client.rooms, (value) => value);
  const names = useRef(new Map<string, string>());
  useEffect(() => {
    for (const room of rooms.values()) names.current.set(room.id, room.name);
  }, [rooms]);
  useEffect(
    () => client.onRoomRemoved((room, reason) => {
      showToast({ key: `removed:${room}`, title: t(reason === 'deleted' ? 'room.deleted' : 'leave.removed', { room: names.current.get(room) ?? '' }), tone: 'info' });
      if (room === current) navigate({ view: 'rooms' }, true);
    }),
    [client, current, t],
  );
}
