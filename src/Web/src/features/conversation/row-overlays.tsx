import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import type { Message, MessageFile } from '@/lib/api/schemas';
import { useChat } from '@/lib/session/session-context';
import { MessageMenu, type MessageMenuProps } from './message-menu';
import type { RowActions } from './message-row';
import { useContextMenu } from './use-context-menu';

// Loaded when an image is opened, and when somebody first reacts.
const Lightbox = lazy(() => import('./files/lightbox'));
const EmojiPicker = lazy(() => import('@/ui/emoji-picker'));

/** What opens over a list of messages from one of them: its menu, the emoji to react with, its pictures. */
export function useRowOverlays() {
  const context = useContextMenu();
  const [picking, setPicking] = useState<Message | null>(null);
  const [viewed, setViewed] = useState<{ images: readonly MessageFile[]; index: number } | null>(null);
  const openImages = useCallback((images: readonly MessageFile[], index: number) => setViewed({ images, index }), []);
  const openers = useMemo(() => ({ pickEmoji: setPicking, openImages }), [openImages]);
  return { context, openers, picking, viewed, endPicking: () => setPicking(null), endViewing: () => setViewed(null) };
}

interface RowOverlaysProps extends Omit<MessageMenuProps, 'menu' | 'me' | 'commands' | 'onClose'> {
  overlays: ReturnType<typeof useRowOverlays>;
  actions: RowActions;
}

export function RowOverlays({ overlays: { context, picking, viewed, endPicking, endViewing }, actions, ...menu }: RowOverlaysProps) {
  const { me } = useChat();
  return (
    <>
      {context.menu && <MessageMenu key={context.menu.key} {...menu} menu={context.menu} me={me.id} commands={actions} onClose={context.close} />}
      <Suspense fallback={null}>
        {picking && <EmojiPicker onPick={(emoji) => actions.react(picking, emoji, true)} onClose={endPicking} />}
        {viewed && <Lightbox images={viewed.images} start={viewed.index} previewOf={actions.previewOf} onClose={endViewing} />}
      </Suspense>
    </>
  );
}
