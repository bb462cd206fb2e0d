import { PinOff } from 'lucide-react';
import { errorCode } from '@/lib/api/http';
import type { Message } from '@/lib/api/schemas';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { fullTime, shortTime } from '@/lib/dates';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { summaryOf } from '@/lib/message-summary';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { useStore } from '@/lib/use-store';
import { IconButton } from '@/ui/button';
import { Dialog, DialogBody } from '@/ui/dialog';
import { PersonName } from '@/ui/person-name';
import styles from './pins-dialog.module.css';

interface PinsDialogProps {
  room: RoomEntry;
  onGoTo: (message: Message) => void;
  onClose: () => void;
}

/** The pinned messages of a room: to go to, and to unpin. */
export function PinsDialog({ room, onGoTo, onClose }: PinsDialogProps) {
  const t = useT();
  const { client } = useChat();
  const pins = useStore(client.pins.all, (all) => all.get(room.id)) ?? [];

  const unpin = async (message: Message) => {
    try {
      await client.pinMessage(message, false);
    } catch (error) {
      showToast({ key: 'pin', title: translateError(t, errorCode(error)), tone: 'error' });
    }
  };

  return (
    <Dialog title={t('pin.title')} onClose={onClose} testId="pins-dialog">
      <DialogBody>
        {pins.length === 0 && <p>{t('pin.none')}</p>}
        <ul className={styles['pins']}>
          {pins.map((message) => (
            <li key={message.id}>
              <button
                type="button"
                className={styles['pin']}
                title={t('message.goTo')}
                data-testid="pin"
                onClick={() => {
                  onClose();
                  onGoTo(message);
                }}
              >
                <strong><PersonName person={message.author} /></strong>
                <time dateTime={message.ts} title={fullTime(t, message.ts)}>{shortTime(t, message.ts)}</time>
                <span>{summaryOf(t, message)}</span>
              </button>
              <IconButton label={t('pin.off')} data-testid="unpin" onClick={() => void unpin(message)}><PinOff /></IconButton>
            </li>
          ))}
        </ul>
      </DialogBody>
    </Dialog>
  );
}
