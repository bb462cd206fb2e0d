import type { MessageKey } from '@/lib/i18n/messages';
import { useT } from '@/lib/i18n/use-t';
import { modifierName } from '@/lib/platform';
import { Dialog, DialogBody } from '@/ui/dialog';
import styles from './shortcuts-dialog.module.css';

const shortcuts: readonly { keys: readonly string[]; does: MessageKey }[] = [
  { keys: [modifierName, 'K'], does: 'shortcuts.switcher' },
  { keys: [modifierName, 'Shift', 'F'], does: 'shortcuts.search' },
  { keys: ['Alt', '↑ ↓'], does: 'shortcuts.nextRoom' },
  { keys: ['Alt', 'Shift', '↑ ↓'], does: 'shortcuts.nextUnread' },
  { keys: ['Enter'], does: 'shortcuts.send' },
  { keys: ['Shift', 'Enter'], does: 'shortcuts.newline' },
  { keys: ['↑'], does: 'shortcuts.messages' },
  { keys: ['Shift', 'Tab'], does: 'shortcuts.toMessages' },
  { keys: ['R'], does: 'shortcuts.reply' },
  { keys: ['E'], does: 'shortcuts.edit' },
  { keys: ['+'], does: 'shortcuts.react' },
  { keys: ['S'], does: 'shortcuts.save' },
  { keys: ['Delete'], does: 'shortcuts.delete' },
  { keys: ['Shift', 'F10'], does: 'shortcuts.menu' },
  { keys: [modifierName, 'Z'], does: 'shortcuts.undo' },
  { keys: ['F8'], does: 'shortcuts.notice' },
  { keys: ['Esc'], does: 'shortcuts.cancelReply' },
  { keys: ['?'], does: 'shortcuts.help' },
];

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  return (
    <Dialog title={t('shortcuts.title')} onClose={onClose} testId="shortcuts-dialog">
      <DialogBody isRead>
        <dl className={styles['list']}>
          {shortcuts.map(({ keys, does }) => (
            <div key={does}>
              <dt>{t(does)}</dt>
              <dd>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dd>
            </div>
          ))}
        </dl>
      </DialogBody>
    </Dialog>
  );
}
