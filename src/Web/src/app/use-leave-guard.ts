import { useEffect } from 'react';
import { useChat } from '@/lib/session/session-context';
import { isBusy } from '@/lib/uploads/uploads';
import { useStore } from '@/lib/use-store';

/** Asks before the page is left while files are being uploaded. */
export function useLeaveGuard(): void {
  const { client } = useChat();
  const busy = useStore(client.uploads.items, (items) => items.some(isBusy));
  useEffect(() => {
    if (!busy) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [busy]);
}
