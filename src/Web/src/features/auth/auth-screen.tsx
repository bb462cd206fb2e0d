import { CloudOff, Eye, EyeOff, ListChecks, ServerCog } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { useT } from '@/lib/i18n/use-t';
import { hashOf } from '@/lib/route';
import { useForm } from '@/lib/use-form';
import { fieldErrors, fieldText, formText, noProblem, rules } from '@/lib/validation';
import { Button, IconButton } from '@/ui/button';
import { Field, FormError } from '@/ui/field';
import { Logo } from '@/ui/logo';
import { LanguageSelect, ThemeToggle } from '@/ui/preferences';
import styles from './auth-screen.module.css';

interface AuthScreenProps {
  mode: 'login' | 'register';
  /** The user was signed in a moment ago. */
  ended: boolean;
  onLogin: (login: string, password: string) => Promise<void>;
  onRegister: (body: { username: string; email: string; password: string }) => Promise<void>;
}

export function AuthScreen({ mode, ended, onLogin, onRegister }: AuthScreenProps) {
  const t = useT();
  return (
    <div className={styles['screen']}>
      <aside className={styles['hero']}>
        <div className={styles['brand']}>
          <Logo size={36} />
          <span>{t('app.name')}</span>
        </div>
        <p className={styles['tagline']}>{t('app.tagline')}</p>
        <ul className={styles['features']}>
          <li><ListChecks aria-hidden="true" />{t('auth.feature.order')}</li>
          <li><CloudOff aria-hidden="true" />{t('auth.feature.offline')}</li>
          <li><ServerCog aria-hidden="true" />{t('auth.feature.own')}</li>
        </ul>
      </aside>
      <main className={styles['main']}>
        <div className={styles['tools']}>
          <LanguageSelect label={false} />
          <ThemeToggle />
        </div>
        <div className={styles['card']}>
          <div className={styles['cardLogo']}><Logo size={44} /></div>
          {mode === 'login' ? <LoginForm ended={ended} onLogin={onLogin} /> : <RegisterForm onRegister={onRegister} />}
        </div>
      </main>
    </div>
  );
}

function LoginForm({ ended, onLogin }: Pick<AuthScreenProps, 'ended' | 'onLogin'>) {
  const t = useT();
  const { problem, busy, submit } = useForm();

  const onSubmit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { login, password } = valuesOf(form, ['login', 'password']);
    focusFirst(form, await submit({
      fields: fieldErrors({ login: rules.required(login.trim()), password: rules.required(password) }),
      refusals: {},
      send: () => onLogin(login.trim(), password),
    }));
  };

  return (
    <form className={styles['form']} noValidate data-testid="login-form" onSubmit={(event) => void onSubmit(event)}>
      <header>
        <h1>{t('auth.login.title')}</h1>
        <p>{t('auth.login.subtitle')}</p>
      </header>
      {ended && problem === noProblem && <p className={styles['notice']} role="status" data-testid="session-ended">{t('auth.ended')}</p>}
      <FormError>{formText(t, problem)}</FormError>
      <Field label={t('auth.login.field')} name="login" autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus error={fieldText(t, problem, 'login')} />
      <PasswordField name="password" label={t('auth.password')} autoComplete="current-password" error={fieldText(t, problem, 'password')} />
      <Button type="submit" variant="primary" wide busy={busy} data-testid="auth-submit">{t('auth.login.submit')}</Button>
      <p className={styles['other']}>
        {t('auth.to.register')} <a href={hashOf({ view: 'register' })} data-testid="to-register">{t('auth.to.register.link')}</a>
      </p>
    </form>
  );
}

function RegisterForm({ onRegister }: Pick<AuthScreenProps, 'onRegister'>) {
  const t = useT();
  const { problem, busy, submit } = useForm();

  const onSubmit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const values = valuesOf(form, ['username', 'email', 'password']);
    const body = { username: values.username.trim(), email: values.email.trim(), password: values.password };
    focusFirst(form, await submit({
      fields: fieldErrors({ username: rules.username(body.username), email: rules.email(body.email), password: rules.password(body.password) }),
      // The length has been checked by then: the server refuses only common passwords.
      refusals: { username: 'field.username.invalid', email: 'field.email.invalid', password: 'field.password.common' },
      send: () => onRegister(body),
    }));
  };

  return (
    <form className={styles['form']} noValidate data-testid="register-form" onSubmit={(event) => void onSubmit(event)}>
      <header>
        <h1>{t('auth.register.title')}</h1>
        <p>{t('auth.register.subtitle')}</p>
      </header>
      <FormError>{formText(t, problem)}</FormError>
      <Field label={t('auth.username')} name="username" hint={t('auth.username.hint')} autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus error={fieldText(t, problem, 'username')} />
      <Field label={t('auth.email')} name="email" type="email" autoComplete="email" error={fieldText(t, problem, 'email')} />
      <PasswordField name="password" label={t('auth.password')} hint={t('auth.password.hint')} autoComplete="new-password" error={fieldText(t, problem, 'password')} />
      <Button type="submit" variant="primary" wide busy={busy} data-testid="auth-submit">{t('auth.register.submit')}</Button>
      <p className={styles['other']}>
        {t('auth.to.login')} <a href={hashOf({ view: 'login' })} data-testid="to-login">{t('auth.to.login.link')}</a>
      </p>
    </form>
  );
}

interface PasswordFieldProps {
  name: string;
  label: string;
  autoComplete: string;
  hint?: string;
  error: string | undefined;
}

function PasswordField(props: PasswordFieldProps) {
  const t = useT();
  const [shown, setShown] = useState(false);
  return (
    <Field
      {...props}
      type={shown ? 'text' : 'password'}
      trailing={
        <IconButton label={t(shown ? 'auth.password.hide' : 'auth.password.show')} onClick={() => setShown(!shown)}>
          {shown ? <EyeOff /> : <Eye />}
        </IconButton>
      }
    />
  );
}

function valuesOf<const N extends string>(form: HTMLFormElement, names: readonly N[]): Record<N, string> {
  const data = new FormData(form);
  const entries = names.map((name) => {
    const value = data.get(name);
    return [name, typeof value === 'string' ? value : ''] as const;
  });
  return Object.fromEntries(entries) as Record<N, string>;
}

function focusFirst(form: HTMLFormElement, fields: object): void {
  const name = Object.keys(fields)[0];
  if (name) form.querySelector<HTMLInputElement>(`[name="${name}"]`)?.focus();
}
