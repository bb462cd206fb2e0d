import { Globe, Lock } from 'lucide-react';
import { useEffect, useState, type SubmitEvent } from 'react';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { fold } from '@/lib/text';
import { useForm } from '@/lib/use-form';
import { fieldErrors, fieldText, formText, rules } from '@/lib/validation';
import { Button } from '@/ui/button';
import { Dialog, DialogBody, DialogFooter } from '@/ui/dialog';
import { Field, FormError } from '@/ui/field';
import styles from './rooms.module.css';

const kinds = [
  { value: 'public', icon: Globe, title: 'create.public', hint: 'create.public.hint' },
  { value: 'private', icon: Lock, title: 'create.private', hint: 'create.private.hint' },
] as const;

/** @param startName What was looked for, and not found. */
export function CreateRoomDialog({ startName = '', onClose }: { startName?: string; onClose: () => void }) {
  const t = useT();
  const { client } = useChat();
  const [name, setName] = useState(startName);
  const taken = useTaken(name.trim());
  const [topic, setTopic] = useState('');
  const [visibility, setVisibility] = useState<'public' | 'private'>('public');
  const { problem, busy, submit } = useForm();

  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault();
    await submit({
      fields: fieldErrors({ name: rules.roomName(name), topic: rules.topic(topic) }),
      refusals: { name: 'field.name.invalid', topic: 'field.topic.invalid' },
      send: async () => {
        const trimmed = topic.trim();
        const room = await client.createRoom({ name: name.trim(), visibility, ...(trimmed === '' ? {} : { topic: trimmed }) });
        onClose();
        navigate({ view: 'room', room: room.id });
      },
    });
  };

  return (
    <Dialog title={t('create.title')} onClose={onClose} testId="create-room-dialog">
      <form noValidate onSubmit={(event) => void onSubmit(event)}>
        <DialogBody>
          <FormError>{formText(t, problem)}</FormError>
          <Field
            label={t('create.name')}
            name="name"
            value={name}
            maxLength={80}
            placeholder={t('create.name.placeholder')}
            autoComplete="off"
            data-autofocus
            aria-describedby={taken ? 'create-room-taken' : undefined}
            data-testid="create-room-name"
            error={fieldText(t, problem, 'name')}
            onChange={({ target }) => setName(target.value)}
          />
          <p id="create-room-taken" className={styles['warning']} role="status" hidden={!taken} data-testid="create-room-taken">{taken && t('create.name.taken', { room: name.trim() })}</p>
          <Field
            label={t('create.topic')}
            name="topic"
            value={topic}
            optional={t('common.optional')}
            placeholder={t('create.topic.placeholder')}
            autoComplete="off"
            data-testid="create-room-topic"
            error={fieldText(t, problem, 'topic')}
            onChange={({ target }) => setTopic(target.value)}
          />
          <fieldset>
            <legend className={styles['legend']}>{t('create.visibility')}</legend>
            <div className={styles['choices']}>
              {kinds.map(({ value, icon: Icon, title, hint }) => (
                <label key={value} className={styles['choice']} data-checked={visibility === value || undefined}>
                  <input
                    type="radio"
                    name="visibility"
                    className="visually-hidden"
                    value={value}
                    checked={visibility === value}
                    data-testid={`create-room-${value}`}
                    onChange={() => setVisibility(value)}
                  />
                  <Icon aria-hidden="true" />
                  <span>
                    <strong>{t(title)}</strong>
                    <span className={styles['hint']}>{t(hint)}</span>
                  </span>
                </label>
              ))}
            </div>
          </fieldset>
          <DialogFooter>
            <Button variant="ghost" onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" variant="primary" busy={busy} data-testid="create-room-submit">{t('create.submit')}</Button>
          </DialogFooter>
        </DialogBody>
      </form>
    </Dialog>
  );
}

const typingPauseMs = 300;

/** Whether a room that the user can see is called so already. Two rooms may have one name: it is a warning, and a lost search costs only that. */
function useTaken(name: string): boolean {
  const { client, session } = useChat();
  const [taken, setTaken] = useState<string | null>(null);
  useEffect(() => {
    if (name === '') return;
    let current = true;
    const look = async () => {
      const same = (other: { readonly name: string }) => fold(other.name) === fold(name);
      const mine = [...client.rooms.get().values()].some(same);
      const found = mine || (await session.api.rooms('discover', name)).items.some(same);
      if (current && found) setTaken(name);
    };
    const timer = setTimeout(() => void look().catch(() => undefined), typingPauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [name, client, session]);
  return taken === name;
}
