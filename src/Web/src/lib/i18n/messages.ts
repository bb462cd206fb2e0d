import type { messages } from './locales/en';

export type Plural = Readonly<{ other: string } & Partial<Record<'zero' | 'one' | 'two' | 'few' | 'many', string>>>;

export const defineMessages = <const T extends Readonly<Record<string, string | Plural>>>(texts: T): T => texts;

export type MessageKey = keyof typeof messages;

/** All keys, in another language: a missing or an unknown key does not compile. */
export type Messages = { readonly [K in MessageKey]: (typeof messages)[K] extends string ? string : Plural };
