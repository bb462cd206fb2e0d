import { useState, type SubmitEvent } from 'react';
import type { RoomEntry } from '@/lib/chat/room-entry';
import { useT } from '@/lib/i18n/use-t';
import { navigate } from '@/lib/route';
import { useChat } from '@/lib/session/session-context';
import { showToast } from '@/lib/toasts';
import { useForm } from '@/lib/use-form';
import { fieldErrors, fieldText, formText, rules } from '@/lib/validation';
import { Button } from '@/ui/button';
import { Dialog, DialogBody } from '@/ui/dialog';
import { Field, FormError } from '@/ui/field';
import { RoomAudit } from './room-audit';
import { RoomBans } from './room-bans';
import styles from './room-settings.module.css';

interface RoomSettingsProps {
  room: RoomEntry;
  onPicture: () => void;
  onInvites: () => void;
  onClose: () => void;
}

const tabs = ['general', 'bans', 'audit'] as const;
type Tab = (typeof tabs)[number];

/** What owners and admins decide about a room. */
export function RoomSettingsDialog({ room, onPicture, onInvites, onClose }: RoomSettingsProps) {
  const t = useT();
  const [tab, setTab] = useState<Tab>('general');
  return (
    <Dialog title={t('room.settings.title', { room: room.name })} onClose={onClose} testId="room-settings-dialog">
      <DialogBody>
        <div className={styles['tabs']} role="group" aria-label={t('room.settings')}>
          {tabs.map((one) => (
            <button key={one} type="button" aria-pressed={one === tab} data-testid={`settings-${one}`} onClick={() => setTab(one)}>{t(`room.${one}`)}</button>
          ))}
        </div>
        {tab === 'general' && (
          <>
            <NameForm room={room} />
            <section className={styles['row']}>
              <Button onClick={onPicture}>{t('picture.action')}</Button>
              <Button onClick={onInvites}>{t('invites.action')}</Button>
            </section>
            {room.role === 'owner' && <Visibility room={room} />}
            {room.role === 'owner' && <Ending room={room} onClose={onClose} />}
          </>
        )}
        {tab === 'bans' && <RoomBans room={room.id} />}
        {tab === 'audit' && <RoomAudit room={room.id} />}
      </DialogBody>
    </Dialog>
  );
}

function NameForm({ room }: { room: RoomEntry }) {
  const t = useT();
  const { client } = useChat();
  const [name, setName] = useState(room.name);
  const [topic, setTopic] = useState(room.topic ?? '');
  const { problem, busy, submit } = useForm();
  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault();
    await submit({
      fields: fieldErrors({ name: rules.roomName(name), topic: rules.topic(topic) }),
      refusals: { name: 'field.name.invalid', topic: 'field.topic.invalid' },
      stays: true,
      send: async () => {
        await client.changeRoom(room.id, { name: name.trim(), topic: topic.trim() });
        showToast({ key: 'room-settings', title: t('common.saved'), tone: 'info' });
      },
    });
  };
  return (
    <form className={styles['section']} noValidate onSubmit={(event) => void onSubmit(event)}>
      <FormError>{formText(t, problem)}</FormError>
      <Field label={t('create.name')} name="name" value={name} autoComplete="off" data-autofocus data-testid="room-name-input" error={fieldText(t, problem, 'name')} onChange={({ target }) => setName(target.value)} />
      <Field label={t('create.topic')} name="topic" value={topic} autoComplete="off" data-testid="room-topic-input" error={fieldText(t, problem, 'topic')} onChange={({ target }) => setTopic(target.value)} />
      <Button type="submit" variant="primary" busy={busy} disabled={name.trim() === room.name && topic.trim() === (room.topic ?? '')} data-testid="room-settings-save">{t('common.save')}</Button>
    </form>
  );
}

function Visibility({ room }: { room: RoomEntry }) {
  const t = useT();
  const { client } = useChat();
  const { problem, busy, submit } = useForm();
  const isPublic = room.visibility === 'public';
  const change = () => submit({ fields: {}, refusals: {}, stays: true, send: () => client.changeRoom(room.id, { visibility: isPublic ? 'private' : 'public' }) });
  return (
    <section className={styles['section']}>
      <h3>{t('create.visibility')}</h3>
      <FormError>{formText(t, problem)}</FormError>
      <p>{t(isPublic ? 'create.public.hint' : 'create.private.hint')}</p>
      <Button busy={busy} data-testid="change-visibility" data-visibility={room.visibility} onClick={() => void change()}>{t(isPublic ? 'room.makePrivate' : 'room.makePublic')}</Button>
    </section>
  );
}

/** Archiving can be undone; deleting cannot, and asks for the room's name. */
function Ending({ room, onClose }: { room: RoomEntry; onClose: () => void }) {
  const t = useT();
  const { client } = useChat();
  const { problem, busy, submit } = useForm();
  const [asked, setAsked] = useState(false);
  const [typed, setTyped] = useState('');
  const archive = () => submit({ fields: {}, refusals: {}, stays: true, send: () => client.changeRoom(room.id, { archived: !room.archived }) });
  const remove = (event: SubmitEvent) => {
    event.preventDefault();
    void submit({
      fields: {},
      refusals: {},
      send: async () => {
        await client.deleteRoom(room.id);
        onClose();
        navigate({ view: 'rooms' }, true);
      },
    });
  };
  return (
    <section className={styles['section']}>
      <h3>{t('room.end')}</h3>
      <FormError>{formText(t, problem)}</FormError>
      <p>{t(room.archived ? 'room.archived.here' : 'room.archive.text')}</p>
      <Button busy={busy} data-testid="archive-room" data-on={room.archived || undefined} onClick={() => void archive()}>{t(room.archived ? 'room.unarchive' : 'room.archive')}</Button>
      <p>{t('room.delete.text')}</p>
      {!asked && <Button variant="danger" data-testid="delete-room" onClick={() => setAsked(true)}>{t('room.delete')}</Button>}
      {asked && (
        <form className={styles['section']} noValidate onSubmit={remove}>
          <Field label={t('room.delete.name', { room: room.name })} name="confirm" value={typed} autoComplete="off" data-testid="delete-room-name" onChange={({ target }) => setTyped(target.value)} />
          <Button type="submit" variant="danger" busy={busy} disabled={typed.trim() !== room.name} data-testid="delete-room-confirm">{t('room.delete')}</Button>
        </form>
      )}
    </section>
  );
}
