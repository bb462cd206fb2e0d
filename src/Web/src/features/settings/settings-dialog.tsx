import { SmilePlus } from 'lucide-react';
import { lazy, Suspense, useState, type ReactNode, type SubmitEvent } from 'react';
import { errorCode } from '@/lib/api/http';
import { useT } from '@/lib/i18n/use-t';
import { useChat } from '@/lib/session/session-context';
import { useStoreByFrame } from '@/lib/use-store';
import { fieldErrors, fieldText, formText, noProblem, problemOf, rules } from '@/lib/validation';
import { Button } from '@/ui/button';
import { Dialog, DialogBody } from '@/ui/dialog';
import { Field, FormError } from '@/ui/field';
import { PersonAvatar } from '@/ui/person-avatar';
import { PictureField } from '@/ui/picture-field';
import { LanguageSelect, ThemeChoice } from '@/ui/preferences';
import { NoticesSection } from './notices-section';
import styles from './settings-dialog.module.css';

const EmojiPicker = lazy(() => import('@/ui/emoji-picker'));

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { session } = useChat();
  return (
    <Dialog title={t('settings.title')} onClose={onClose} testId="settings-dialog">
      <DialogBody>
        <PictureSection />
        <ProfileForm />
        <StatusForm />
        <section className={styles['section']}>
          <h3>{t('settings.appearance')}</h3>
          <ThemeChoice />
          <LanguageSelect
            onChange={(locale) => {
              // The choice holds here whatever the server says; it is told so that other devices follow.
              session.updateMe({ locale }).catch((error: unknown) => console.warn('akkachat: the language was not stored', error));
            }}
          />
        </section>
        <NoticesSection />
        <PasswordForm />
      </DialogBody>
    </Dialog>
  );
}

function PictureSection() {
  const t = useT();
  const { session, client, me } = useChat();
  const picture = useStoreByFrame(client.people.avatars, (all) => all.get(me.id)) ?? null;
  return (
    <section className={styles['section']}>
      <h3>{t('picture.own')}</h3>
      <PictureField
        current={picture}
        shape="round"
        hint={t('picture.hint.own')}
        shown={<PersonAvatar id={me.id} name={me.displayName} size={96} />}
        onChange={(file, onProgress, signal) => session.changeAvatar(file, onProgress, signal)}
      />
    </section>
  );
}

function ProfileForm() {
  const t = useT();
  const { session, me } = useChat();
  const [name, setName] = useState(me.displayName);
  const [problem, setProblem] = useState(noProblem);
  const [state, setState] = useState<'idle' | 'busy' | 'done'>('idle');

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const fields = fieldErrors({ displayName: rules.displayName(name) });
    setProblem({ fields, code: null });
    if (Object.keys(fields).length > 0) return;
    setState('busy');
    try {
      await session.updateMe({ displayName: name.trim() });
      setState('done');
    } catch (error) {
      setProblem(problemOf(error, { displayName: 'field.displayName.invalid' }));
      setState('idle');
    }
  };

  return (
    <form className={styles['section']} noValidate onSubmit={(event) => void submit(event)}>
      <h3>{t('settings.profile')}</h3>
      <FormError>{formText(t, problem)}</FormError>
      <Field
        label={t('settings.displayName')}
        name="displayName"
        hint={`${t('settings.displayName.hint')} · @${me.username}`}
        value={name}
        maxLength={64}
        autoComplete="name"
        error={fieldText(t, problem, 'displayName')}
        onChange={({ target }) => {
          setName(target.value);
          setState('idle');
        }}
      />
      <Actions done={state === 'done' ? t('common.saved') : null}>
        <Button type="submit" busy={state === 'busy'} disabled={name.trim() === me.displayName} data-testid="save-profile">{t('common.save')}</Button>
      </Actions>
    </form>
  );
}

const mostStatus = 100;

function StatusForm() {
  const t = useT();
  const { session, me } = useChat();
  const [emoji, setEmoji] = useState(me.status?.emoji ?? '');
  const [text, setText] = useState(me.status?.text ?? '');
  const [picking, setPicking] = useState(false);
  const [problem, setProblem] = useState(noProblem);
  const [state, setState] = useState<'idle' | 'busy' | 'done'>('idle');
  const same = emoji === (me.status?.emoji ?? '') && text.trim() === (me.status?.text ?? '');

  const save = async (next: { emoji: string; text: string }) => {
    setProblem(noProblem);
    setState('busy');
    try {
      await session.updateMe({ status: next.emoji === '' && next.text === '' ? null : next });
      setState('done');
    } catch (error) {
      setProblem(problemOf(error, { status: 'field.status.invalid' }));
      setState('idle');
    }
  };

  return (
    <form
      className={styles['section']}
      noValidate
      data-testid="status-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save({ emoji, text: text.trim() });
      }}
    >
      <h3>{t('settings.status')}</h3>
      <FormError>{formText(t, problem)}</FormError>
      <Field
        label={t('settings.status.text')}
        name="status"
        value={text}
        maxLength={mostStatus}
        autoComplete="off"
        placeholder={t('settings.status.placeholder')}
        hint={t('settings.status.hint')}
        data-testid="status-text"
        error={fieldText(t, problem, 'status')}
        trailing={(
          <button type="button" className={styles['emoji']} aria-label={t('settings.status.emoji')} title={t('settings.status.emoji')} data-testid="status-emoji" onClick={() => setPicking(true)}>
            {emoji === '' ? <SmilePlus aria-hidden="true" /> : emoji}
          </button>
        )}
        onChange={({ target }) => {
          setText(target.value);
          setState('idle');
        }}
      />
      <Actions done={state === 'done' ? t('common.saved') : null}>
        {(emoji !== '' || text !== '') && (
          <Button
            variant="ghost"
            data-testid="clear-status"
            onClick={() => {
              setEmoji('');
              setText('');
              void save({ emoji: '', text: '' });
            }}
          >
            {t('settings.status.clear')}
          </Button>
        )}
        <Button type="submit" busy={state === 'busy'} disabled={same} data-testid="save-status">{t('common.save')}</Button>
      </Actions>
      <Suspense fallback={null}>
        {picking && (
          <EmojiPicker
            onPick={(picked) => {
              setEmoji(picked);
              setState('idle');
            }}
            onClose={() => setPicking(false)}
          />
        )}
      </Suspense>
    </form>
  );
}

function PasswordForm() {
  const t = useT();
  const { session, me } = useChat();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [problem, setProblem] = useState(noProblem);
  const [state, setState] = useState<'idle' | 'busy' | 'done'>('idle');

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const fields = fieldErrors({ current: rules.required(current), new: rules.password(next) });
    setProblem({ fields, code: null });
    if (Object.keys(fields).length > 0) return;
    setState('busy');
    try {
      await session.api.changePassword(current, next);
      setCurrent('');
      setNext('');
      setState('done');
    } catch (error) {
      const wrong = errorCode(error) === 'bad_credentials';
      setProblem(wrong ? { fields: { current: 'field.password.wrong' }, code: null } : problemOf(error, { new: 'field.password.common' }));
      setState('idle');
    }
  };

  return (
    <form className={styles['section']} noValidate data-testid="password-form" onSubmit={(event) => void submit(event)}>
      <h3>{t('settings.password')}</h3>
      <FormError>{formText(t, problem)}</FormError>
      <input type="text" name="username" value={me.username} autoComplete="username" readOnly hidden />
      <Field label={t('settings.password.current')} name="current" type="password" value={current} autoComplete="current-password" error={fieldText(t, problem, 'current')} onChange={({ target }) => setCurrent(target.value)} />
      <Field label={t('settings.password.new')} name="new" type="password" value={next} hint={t('auth.password.hint')} autoComplete="new-password" error={fieldText(t, problem, 'new')} onChange={({ target }) => setNext(target.value)} />
      <Actions done={state === 'done' ? t('settings.password.done') : null}>
        <Button type="submit" busy={state === 'busy'} data-testid="change-password">{t('settings.password.submit')}</Button>
      </Actions>
    </form>
  );
}

function Actions({ done, children }: { done: string | null; children: ReactNode }) {
  return (
    <div className={styles['actions']}>
      <p role="status" className={styles['done']}>{done}</p>
      {children}
    </div>
  );
}
