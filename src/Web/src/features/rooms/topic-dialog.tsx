import { useState, type SubmitEvent } from 'react';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { useForm } from '@/lib/use-form';
import { fieldErrors, fieldText, formText, rules } from '@/lib/validation';
import { Button } from '@/ui/button';
import { Dialog, DialogBody, DialogFooter } from '@/ui/dialog';
import { Field, FormError } from '@/ui/field';

/** Starts with the topic as of when the dialog opened: changes by others meanwhile do not overwrite what is being typed. */
export function TopicDialog({ room, onClose }: { room: RoomEntry; onClose: () => void }) {
  const t = useT();
  const { client } = useChat();
  const [topic, setTopic] = useState(room.topic ?? '');
  const { problem, busy, submit } = useForm();

  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault();
    await submit({
      fields: fieldErrors({ topic: rules.topic(topic) }),
      refusals: { topic: 'field.topic.invalid' },
      send: async () => {
        await client.changeTopic(room.id, topic.trim());
        onClose();
      },
    });
  };

  return (
    <Dialog title={t('topic.title', { room: room.name })} onClose={onClose} testId="topic-dialog">
      <form noValidate onSubmit={(event) => void onSubmit(event)}>
        <DialogBody>
          <FormError>{formText(t, problem)}</FormError>
          <Field
            label={t('create.topic')}
            name="topic"
            value={topic}
            hint={t('topic.hint')}
            placeholder={t('create.topic.placeholder')}
            autoComplete="off"
            data-autofocus
            data-testid="topic-input"
            error={fieldText(t, problem, 'topic')}
            onChange={({ target }) => setTopic(target.value)}
          />
          <DialogFooter>
            <Button variant="ghost" onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" variant="primary" busy={busy} data-testid="topic-submit">{t('common.save')}</Button>
          </DialogFooter>
        </DialogBody>
      </form>
    </Dialog>
  );
}
