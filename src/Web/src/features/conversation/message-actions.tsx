import { Bookmark, BookmarkCheck, Copy, EyeOff, Link, MessagesSquare, MoreHorizontal, PencilLine, Pin, PinOff, Reply, SmilePlus, Trash2 } from 'lucide-react';
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
  readonly keep: (message: Message, on: boolean) => void;
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
  saved: boolean;
  tabIndex: number;
  commands: MessageCommands;
}

/** What can be done with the message: the most used at once, the rest in a menu. */
export function MessageActions({ tabIndex, ...props }: MessageActionsProps) {
  const t = useT();
  const { message, own, saved, commands } = props;
  const { openThread } = commands;
  return (
    <div className={styles['actions']}>
      <IconButton label={t('reaction.add')} tabIndex={tabIndex} data-testid="message-react" onClick={() => commands.pickEmoji(message)}><SmilePlus /></IconButton>
      <IconButton label={t('message.reply')} tabIndex={tabIndex} data-testid="message-reply" onClick={() => commands.reply(message)}><Reply /></IconButton>
      {openThread && <IconButton label={t('thread.reply')} tabIndex={tabIndex} data-testid="message-thread" onClick={() => openThread(message)}><MessagesSquare /></IconButton>}
      {own && <IconButton label={t('edit.action')} tabIndex={tabIndex} data-testid="message-edit" onClick={() => commands.edit(message)}><PencilLine /></IconButton>}
      <IconButton label={t(saved ? 'saved.off' : 'saved.on')} aria-pressed={saved} active={saved} tabIndex={tabIndex} data-testid="message-save" onClick={() => commands.keep(message, !saved)}>
        {saved ? <BookmarkCheck /> : <Bookmark />}
      </IconButton>
      <Menu label={t('message.more')} tabIndex={tabIndex} className={styles['moreActions']} trigger={<MoreHorizontal aria-hidden="true" />} testId="message-menu">
        <RareActions {...props} />
      </Menu>
    </div>
  );
}

/** All of it, for the menu that a right click, a key or a long press opens. */
export function AllActions(props: Omit<MessageActionsProps, 'tabIndex'>) {
  const t = useT();
  const { message, own, saved, commands } = props;
  return (
    <>
      <MenuItem icon={<SmilePlus aria-hidden="true" />} testId="context-react" onSelect={() => commands.pickEmoji(message)}>{t('reaction.add')}</MenuItem>
      <MenuItem icon={<Reply aria-hidden="true" />} testId="context-reply" onSelect={() => commands.reply(message)}>{t('message.reply')}</MenuItem>
      {own && <MenuItem icon={<PencilLine aria-hidden="true" />} testId="context-edit" onSelect={() => commands.edit(message)}>{t('edit.action')}</MenuItem>}
      <MenuItem icon={saved ? <BookmarkCheck aria-hidden="true" /> : <Bookmark aria-hidden="true" />} testId="context-save" onSelect={() => commands.keep(message, !saved)}>
        {t(saved ? 'saved.off' : 'saved.on')}
      </MenuItem>
      <RareActions {...props} />
    </>
  );
}

function RareActions({ message, own, moderates, pinned, commands }: Omit<MessageActionsProps, 'tabIndex'>) {
  const t = useT();
  return (
    <>
      {message.text !== '' && (
        <MenuItem icon={<Copy aria-hidden="true" />} testId="message-copy" onSelect={() => commands.copyText(message)}>{t('message.copy')}</MenuItem>
      )}
      {commands.openThread && <MenuItem icon={<MessagesSquare aria-hidden="true" />} testId="message-thread-menu" onSelect={() => commands.openThread?.(message)}>{t('thread.reply')}</MenuItem>}
      <MenuItem icon={<Link aria-hidden="true" />} testId="message-link" onSelect={() => commands.copyLink(message)}>{t('message.copyLink')}</MenuItem>
      <MenuItem icon={<EyeOff aria-hidden="true" />} testId="message-unread" onSelect={() => commands.markUnread(message)}>{t('message.markUnread')}</MenuItem>
      <MenuItem icon={pinned ? <PinOff aria-hidden="true" /> : <Pin aria-hidden="true" />} testId="message-pin" onSelect={() => commands.pin(message, !pinned)}>
        {t(pinned ? 'pin.off' : 'pin.on')}
      </MenuItem>
      {(own || moderates) && (
        <MenuItem icon={<Trash2 aria-hidden="true" />} danger testId="message-delete" onSelect={() => commands.remove(message)}>{t('delete.action')}</MenuItem>
      )}
    </>
  );
}
