import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/api/http';
import { setLocale } from '@/lib/i18n/i18n';
import { AuthScreen } from './auth-screen';

const field = (name: string) => document.querySelector<HTMLInputElement>(`[name=${name}]`)!;

function show(mode: 'login' | 'register', failure?: ApiError) {
  const act = vi.fn(() => (failure ? Promise.reject(failure) : Promise.resolve()));
  render(<AuthScreen mode={mode} ended={false} onLogin={act} onRegister={act} />);
  return { act, user: userEvent.setup() };
}

describe('AuthScreen', () => {
  beforeEach(() => setLocale('en'));

  it('asks for what is missing at the field, without asking the server', async () => {
    const { act, user } = show('login');
    await user.click(screen.getByTestId('auth-submit'));
    expect(screen.getByTestId('error-login').textContent).toBe('Please fill this in.');
    expect(field('login').getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(field('login'));
    expect(act).not.toHaveBeenCalled();
  });

  it('says that the credentials are wrong', async () => {
    const { user } = show('login', new ApiError(401, 'bad_credentials'));
    await user.type(field('login'), 'ana');
    await user.type(field('password'), 'wrong-password');
    await user.click(screen.getByTestId('auth-submit'));
    expect((await screen.findByTestId('form-error')).textContent).toBe('Wrong username or password.');
  });

  it.each([
    [new ApiError(409, 'username_taken'), 'error-username', 'This username is taken.'],
    [new ApiError(409, 'email_taken'), 'error-email', 'There is an account with this e-mail already.'],
    [new ApiError(400, 'invalid', ['password']), 'error-password', 'This password is too easy to guess.'],
    [new ApiError(429, 'rate_limited'), 'form-error', 'Too many attempts. Wait a moment and try again.'],
  ])('puts %s at its place', async (failure, testId, text) => {
    const { user } = show('register', failure);
    await user.type(field('username'), 'ana');
    await user.type(field('email'), 'ana@example.org');
    await user.type(field('password'), 'password1');
    await user.click(screen.getByTestId('auth-submit'));
    expect((await screen.findByTestId(testId)).textContent).toBe(text);
    expect(screen.getByTestId<HTMLButtonElement>('auth-submit').disabled).toBe(false);
  });

  it('speaks Portuguese when asked', async () => {
    const { user } = show('login');
    await user.selectOptions(screen.getByTestId('language-select'), 'pt-BR');
    await waitFor(() => expect(screen.getByTestId('auth-submit').textContent).toBe('Entrar'));
    expect(document.documentElement.lang).toBe('pt-BR');
  });
});
