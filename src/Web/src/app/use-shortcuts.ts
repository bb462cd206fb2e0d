import { useEffect } from 'react';
import { listedOf, needsAttention } from '@/lib/chat/room-order';
import { hasModifier } from '@/lib/platform';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { dismissToast, toasts } from '@/lib/toasts';

export type Overlay = 'create' | 'details' | 'discover' | 'switcher' | 'settings' | 'shortcuts' | 'topic' | 'message' | 'roomSettings' | 'picture' | 'invite' | 'leave' | 'search' | 'saved';

export function useShortcuts(current: string | null, open: (overlay: Overlay) => void): void {
  const { client } = useChat();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented) return;
      const modal = document.querySelector('dialog[open]') !== null;
      if (hasModifier(event) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        if (!modal) open('switcher');
      } else if (hasModifier(event) && event.shiftKey && !event.altKey && event.key.toLowerCase() === 'f') {
        event.preventDefault();
        if (!modal) open('search');
      } else if (hasModifier(event) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'z' && !isTyping(event.target)) {
        const last = toasts.get().findLast(({ action }) => action !== undefined);
        if (!last) return;
        event.preventDefault();
        last.action?.run();
        dismissToast(last.key);
      } else if (event.key === '?' && !modal && !isTyping(event.target)) {
        event.preventDefault();
        open('shortcuts');
      } else if (event.altKey && !modal && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
        event.preventDefault();
        const rooms = listedOf(client.rooms.get());
        const at = rooms.findIndex((room) => room.id === current);
        const down = event.key === 'ArrowDown';
        // Once round: the last unread room may be above.
        const after = [...rooms.slice(at + 1), ...rooms.slice(0, Math.max(0, at))];
        const others = down ? after : after.reverse();
        const next = event.shiftKey ? others.find(needsAttention) : rooms[down ? at + 1 : Math.max(0, at - 1)];
        if (next) navigate({ view: 'room', room: next.id });
      }
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [client, current, open]);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
