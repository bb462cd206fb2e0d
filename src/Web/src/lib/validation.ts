import { ApiError, errorCode } from '@/lib/api/http';
import { translateError, type Translator } from '@/lib/i18n/i18n';
import type { MessageKey } from '@/lib/i18n/messages';

export type FieldErrors = Readonly<Partial<Record<string, MessageKey>>>;

export interface FormProblem {
  readonly fields: FieldErrors;
  /** The code of what is wrong with no field in particular. */
  readonly code: string | null;
}

export const noProblem: FormProblem = { fields: {}, code: null };

/** The rules of docs/rest.md that need no server. */
export const rules = {
  username: (value: string): MessageKey | undefined => (/^[A-Za-z0-9_.-]{3,32}$/.test(value) ? undefined : 'field.username.invalid'),
  email: (value: string): MessageKey | undefined => (/^[^\s@]+@[^\s@]+$/.test(value) && value.length <= 254 ? undefined : 'field.email.invalid'),
  password: (value: string): MessageKey | undefined =>
    value.length < 8 ? 'field.password.short' : value.length > 128 ? 'field.password.long' : undefined,
  displayName: (value: string): MessageKey | undefined => (value.trim().length >= 1 && value.trim().length <= 64 ? undefined : 'field.displayName.invalid'),
  roomName: (value: string): MessageKey | undefined =>
    value.trim() === '' ? 'field.required' : value.trim().length <= 80 ? undefined : 'field.name.invalid',
  topic: (value: string): MessageKey | undefined => (value.length <= 250 ? undefined : 'field.topic.invalid'),
  required: (value: string): MessageKey | undefined => (value === '' ? 'field.required' : undefined),
};

/** Without the fields that are fine. */
export function fieldErrors(all: Readonly<Record<string, MessageKey | undefined>>): FieldErrors {
  return Object.fromEntries(Object.entries(all).filter(([, key]) => key !== undefined));
}

/** What the server refuses is said at its field: the field and the code choose the text, in the user's language. */
export function problemOf(error: unknown, texts: FieldErrors): FormProblem {
  const code = errorCode(error);
  if (code === 'username_taken') return { fields: { username: 'field.username.taken' }, code: null };
  if (code === 'email_taken') return { fields: { email: 'field.email.taken' }, code: null };
  const named = error instanceof ApiError ? error.fields : [];
  const fields: Record<string, MessageKey> = {};
  for (const [field, key] of Object.entries(texts)) if (key && named.includes(field.toLowerCase())) fields[field] = key;
  return { fields, code: Object.keys(fields).length > 0 ? null : code };
}

export const fieldText = (t: Translator, problem: FormProblem, field: string): string | undefined => {
  const key = problem.fields[field];
  return key && t(key);
};

export const formText = (t: Translator, problem: FormProblem): string | null => (problem.code === null ? null : translateError(t, problem.code));
