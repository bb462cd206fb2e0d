import { useState, type SubmitEvent } from 'react';
import type { Removal } from '@/lib/chat/roles';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { useForm } from '@/lib/use-form';
import { fieldErrors, fieldText, formText, rules } from '@/lib/validation';
import { Button } from '@/ui/button';
import { Dialog, DialogBody, DialogFooter } from '@/ui/dialog';
import { Field, FormError } from '@/ui/field';

export function RemovalDialog({ room, removal, onClose }: { room: string; removal: Removal; onClose: () => void }) {
  const t = useT();
  const { client } = useChat();
  const [reason, setReason] = useState('');
  const { problem, busy, submit } = useForm();
  const { kind, name, member } = removal;

  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault();
    await submit({
      fields: fieldErrors({ reason: rules.topic(reason) }),
      refusals: { reason: 'field.topic.invalid' },
      send: async () => {
        await client.removeMember(room, member.user.id, kind, reason.trim());
        showToast({ key: 'removal', title: t(kind === 'kick' ? 'removal.kick.done' : 'removal.ban.done', { name }), tone: 'info' });
        onClose();
      },
    });
  };

  return (
    <Dialog title={t(kind === 'kick' ? 'removal.kick.title' : 'removal.ban.title', { name })} onClose={onClose} size="s" testId="removal-dialog">
      <form noValidate onSubmit={(event) => void onSubmit(event)}>
        <DialogBody>
          <FormError>{formText(t, problem)}</FormError>
          <p>{t(kind === 'kick' ? 'removal.kick.text' : 'removal.ban.text')}</p>
          <Field
            label={t('removal.reason')}
            optional={t('common.optional')}
            name="reason"
            value={reason}
            hint={t('removal.reason.hint')}
            autoComplete="off"
            data-autofocus
            data-testid="removal-reason"
            error={fieldText(t, problem, 'reason')}
            onChange={({ target }) => setReason(target.value)}
          />
          <DialogFooter>
            <Button variant="ghost" onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" variant="danger" busy={busy} data-testid="removal-submit">
              {t(kind === 'kick' ? 'removal.kick.submit' : 'removal.ban.submit')}
            </Button>
          </DialogFooter>
        </DialogBody>
      </form>
    </Dialog>
  );
}
