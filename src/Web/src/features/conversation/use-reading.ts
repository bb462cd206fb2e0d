import { useEffect, useState, useSyncExternalStore } from 'react';
import type { RoomEntry } from '@/lib/chat/room-entry';
import type { Timeline } from '@/lib/chat/timelines';
import { useChat } from '@/lib/session/session-context';

/** Whether the user is looking: the page is visible and has the focus. */
export function useAttention(): boolean {
  return useSyncExternalStore(subscribe, () => document.visibilityState === 'visible' && document.hasFocus());
}

function subscribe(listener: () => void): () => void {
  const events = ['focus', 'blur', 'visibilitychange'] as const;
  for (const event of events) addEventListener(event, listener);
  document.addEventListener('visibilitychange', listener);
  return () => {
    for (const event of events) removeEventListener(event, listener);
    document.removeEventListener('visibilitychange', listener);
  };
}

interface Reading {
  /** Messages above this are new to the user; fixed while the room is open. */
  readonly dividerN: number | null;
  /** The newest message that the user has seen. */
  readonly seenN: number;
}

/** Marks messages as read that the user sees: the room is open, the page has the focus, and the list is at its end. */
export function useReading(room: RoomEntry, timeline: Timeline, atEnd: boolean): Reading {
  const { client } = useChat();
  const attention = useAttention();
  const reading = attention && atEnd && timeline.status === 'ready';
  const { headN } = timeline.log;
  const [dividerN, setDividerN] = useState<number | null>(room.unread > 0 ? room.readN : null);
  const [seenN, setSeenN] = useState(headN);
  const [away, setAway] = useState(false);

  if (reading && seenN !== headN) setSeenN(headN);
  // Messages that arrive while the user looks elsewhere get a divider of their own, once all earlier ones are read.
  if (!attention && !away) setAway(true);
  if (attention && away) setAway(false);
  if (away && room.unread > 0 && room.readN > (dividerN ?? -1)) setDividerN(room.readN);

  useEffect(() => {
    if (reading) client.markRead(room.id, headN);
  }, [reading, headN, client, room.id, room.unread]);

  return { dividerN, seenN };
}
