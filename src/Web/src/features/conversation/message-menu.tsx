import { useState } from 'react';
import type { Message } from '@/lib/api/schemas';
import { useT } from '@/lib/i18n/use-t';
import { PopupMenu } from '@/ui/popup-menu';
import { AllActions, type MessageCommands } from './message-actions';
import type { Row } from './rows';
import type { ContextMenu } from './use-context-menu';

export interface MessageMenuProps {
  menu: ContextMenu;
  rows: readonly Row[];
  me: string;
  moderates: boolean;
  pinned: ReadonlySet<string>;
  isSaved: (id: string) => boolean;
  commands: MessageCommands;
  focusRow: (key: string) => void;
  onClose: () => void;
}

/** The menu of a message at the pointer. It stays where it is, whatever becomes of the message or arrives below it. */
export function MessageMenu({ menu, rows, me, moderates, pinned, isSaved, commands, focusRow, onClose }: MessageMenuProps) {
  const t = useT();
  const now = rows.find(({ key }) => key === menu.key)?.message ?? null;
  const [message, setMessage] = useState<Message | null>(now);
  if (now && !now.deleted && now !== message) setMessage(now);
  if (!message || message.deleted) return null;

  const close = (refocus: boolean) => {
    onClose();
    // What was picked may have a place of its own for the keyboard: a dialog, the composer.
    if (refocus) requestAnimationFrame(() => document.activeElement === document.body && focusRow(menu.key));
  };

  return (
    <PopupMenu label={t('message.more')} at={menu.at} onClose={close} testId="message-popup">
      <AllActions message={message} own={message.author.id === me} moderates={moderates} pinned={pinned.has(message.id)} saved={isSaved(message.id)} commands={commands} />
    </PopupMenu>
  );
}
