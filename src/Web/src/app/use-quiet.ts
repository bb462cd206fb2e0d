import { useEffect, useState } from 'react';
import { isQuiet } from '@/lib/chat/user-settings';
import { useChat } from '@/lib/session/session-context';
import { useStore } from '@/lib/use-store';

const lookEveryMs = 15_000;

/** Whether it is a quiet time for the user: it begins and ends by the clock. */
export function useQuiet(): boolean {
  const { client } = useChat();
  const settings = useStore(client.settings.value, (value) => value);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), lookEveryMs);
    return () => clearInterval(timer);
  }, []);
  return isQuiet(settings, new Date(now));
}
