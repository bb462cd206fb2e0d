import type { ChatClient } from '@/lib/chat/chat-client';
import { keyOf, type Deed } from '@/lib/chat/undo';
import type { Translator } from '@/lib/i18n/i18n';
import { dismissToast, showToast } from '@/lib/toasts';

/** Does it, and offers to take it back for as long as it has not been sent. */
export function offerUndo({ deeds: { undo } }: ChatClient, t: Translator, deed: Deed, name = ''): void {
  const key = keyOf(deed);
  undo.add(deed);
  showToast({
    key,
    title: t(`undo.${deed.kind}`, { name }),
    tone: 'info',
    action: { label: t('undo.action'), run: () => void undo.undo(key) },
    onHold: (held) => undo.hold(key, held),
    onDismiss: () => void undo.carryOut(key),
  });
  const unsubscribe = undo.all.subscribe(() => {
    if (undo.all.get().has(key)) return;
    unsubscribe();
    dismissToast(key);
  });
}
