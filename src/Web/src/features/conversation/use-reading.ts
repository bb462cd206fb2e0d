import { useEffect, useState, useSyncExternalStore } from 'react';
import type { RoomEntry } from '@/lib/chat/room-entry';
import type { Timeline } from '@/lib/chat/timelines';
import { route } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { useMedia, wide } from '@/lib/use-media';
import { useStore } from '@/lib/use-store';

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
  /** The window has the place where the room is to open, or was asked for it in vain. */
  readonly ready: boolean;
}

/**
 * Marks messages as read that are on the screen while the page has the focus, and no others.
 * @param shownN The last message that is on the screen in whole; 0 while there is none.
 */
export function useReading(room: RoomEntry, timeline: Timeline, shownN: number): Reading {
  const { client } = useChat();
  const attention = useAttention();
  // Where a thread stands in the place of the room, the room is not on the screen.
  const aside = useMedia(wide);
  const covered = useStore(route, (value) => value.view === 'room' && value.thread !== undefined) && !aside;
  const reading = attention && !covered && shownN > 0 && timeline.status === 'ready';
  const { headN, from, to } = timeline.log;
  const [dividerN, setDividerN] = useState<number | null>(room.unread > 0 ? room.readN : null);
  const [seenN, setSeenN] = useState(room.unread > 0 ? room.readN : headN);
  const [away, setAway] = useState(false);
  const [asked, setAsked] = useState(false);
  if (timeline.status === 'loading' && !asked) setAsked(true);
  const reaches = dividerN === null || dividerN >= headN || (from <= dividerN + 1 && to > dividerN);
  const ready = timeline.status === 'error' || (timeline.status === 'ready' && (reaches || asked));

  if (reading && shownN > seenN) setSeenN(shownN);
  // Messages that arrive while the user looks elsewhere get a divider of their own, once all earlier ones are read.
  if (!attention && !away) setAway(true);
  if (attention && away) setAway(false);
  if (away && room.unread > 0 && room.readN > (dividerN ?? -1)) setDividerN(room.readN);

  // Marked as unread: the divider stands where that begins.
  const [lastReadN, setLastReadN] = useState(room.readN);
  if (room.readN !== lastReadN) setLastReadN(room.readN);
  if (room.readN < lastReadN) setDividerN(room.readN);

  useEffect(() => {
    if (reading) client.reading.markSeen(room.id, shownN);
  }, [reading, shownN, client, room.id, room.unread]);

  return { dividerN, seenN, ready };
}
