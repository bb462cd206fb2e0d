import { Copy, EyeOff, Link, MessagesSquare, MoreHorizontal, PencilLine, Pin, PinOff, Reply, SmilePlus, Trash2 } from 'lucide-react';
import type { Message } from '@/lib/api/schemas';
import { useT } from '@/lib/i18n/use-t';
import { IconButton } from '@/ui/button';
import { Menu, MenuItem } from '@/ui/menu';
import styles from './message-row.module.css';

export interface MessageCommands {
  readonly reply: (message: Message) => void;
  readonly pickEmoji: (message: Message) => void;
  readonly edit: (message: Message) => void;
  readonly remove: (message: Message) => void;
  readonly pin: (message: Message, on: boolean) => void;
  readonly copyText: (message: Message) => void;
  readonly markUnread: (message: Message) => void;
  readonly copyLink: (message: Message) => void;
  readonly openThread?: (message: Message) => void;
}

interface MessageActionsProps {
  message: Message;
  own: boolean;
  /** Whether the user may delete what others wrote. */
  moderates: boolean;
  pinned: boolean;
  tabIndex: number;
  commands: MessageCommands;
}

/** What can be done with the message: the most used at once, the rest in a menu. */
export function MessageActions({ message, own, moderates, pinned, tabIndex, commands }: MessageActionsProps) {
  const t = useT();
  const { openThread } = commands;
  return (
    <div className={styles['actions']}>
      <IconButton label={t('reaction.add')} tabIndex={tabIndex} data-testid="message-react" onClick={() => commands.pickEmoji(message)}><SmilePlus /></IconButton>
      <IconButton label={t('message.reply')} tabIndex={tabIndex} data-testid="message-reply" onClick={() => commands.reply(message)}><Reply /></IconButton>
      {openThread && <IconButton label={t('thread.reply')} tabIndex={tabIndex} data-testid="message-thread" onClick={() => openThread(message)}><MessagesSquare /></IconButton>}
      {own && <IconButton label={t('edit.action')} tabIndex={tabIndex} data-testid="message-edit" onClick={() => commands.edit(message)}><PencilLine /></IconButton>}
      <Menu label={t('message.more')} side="auto" tabIndex={tabIndex} className={styles['moreActions']} trigger={<MoreHorizontal aria-hidden="true" />} testId="message-menu">
        {message.text !== '' && (
          <MenuItem icon={<Copy aria-hidden="true" />} testId="message-copy" onSelect={() => commands.copyText(message)}>{t('message.copy')}</MenuItem>
        )}
        {openThread && <MenuItem icon={<MessagesSquare aria-hidden="true" />} testId="message-thread-menu" onSelect={() => openThread(message)}>{t('thread.reply')}</MenuItem>}
        <MenuItem icon={<Link aria-hidden="true" />} testId="message-link" onSelect={() => commands.copyLink(message)}>{t('message.copyLink')}</MenuItem>
        <MenuItem icon={<EyeOff aria-hidden="true" />} testId="message-unread" onSelect={() => commands.markUnread(message)}>{t('message.markUnread')}</MenuItem>
        <MenuItem icon={pinned ? <PinOff aria-hidden="true" /> : <Pin aria-hidden="true" />} testId="message-pin" onSelect={() => commands.pin(message, !pinned)}>
          {t(pinned ? 'pin.off' : 'pin.on')}
        </MenuItem>
        {(own || moderates) && (
          <MenuItem icon={<Trash2 aria-hidden="true" />} danger testId="message-delete" onSelect={() => commands.remove(message)}>{t('delete.action')}</MenuItem>
        )}
      </Menu>
    </div>
  );
}
