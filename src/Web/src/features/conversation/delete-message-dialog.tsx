import { useState } from 'react';
import { errorCode } from '@/lib/api/http';
import type { Message } from '@/lib/api/schemas';
import { translateError } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { summaryOf } from '@/lib/message-summary';
import { useChat } from '@/lib/session/session-context';
import { Button } from '@/ui/button';
import { Dialog, DialogBody, DialogFooter } from '@/ui/dialog';
import { FormError } from '@/ui/field';

/** What is deleted does not come back, so it asks first and shows what it is about. */
export function DeleteMessageDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const t = useT();
  const { client } = useChat();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const remove = async () => {
    setBusy(true);
    try {
      await client.deleteMessage(message);
      onClose();
    } catch (failure) {
      setError(errorCode(failure));
      setBusy(false);
    }
  };

  return (
    <Dialog title={t('delete.title')} onClose={onClose} size="s" testId="delete-dialog">
      <DialogBody>
        <FormError>{error && translateError(t, error)}</FormError>
        <p>{t(message.files.length > 0 ? 'delete.text.files' : 'delete.text')}</p>
        <blockquote><strong>{message.author.displayName}</strong> {summaryOf(t, message)}</blockquote>
        <DialogFooter>
          <Button variant="ghost" data-autofocus onClick={onClose}>{t('common.cancel')}</Button>
          <Button variant="danger" busy={busy} data-testid="delete-confirm" onClick={() => void remove()}>{t('delete.submit')}</Button>
        </DialogFooter>
      </DialogBody>
    </Dialog>
  );
}
