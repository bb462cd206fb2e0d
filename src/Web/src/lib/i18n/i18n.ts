import { Store } from '@/lib/store';
import { messages as english } from './locales/en';
import type { MessageKey, Messages } from './messages';

interface LocaleModule {
  readonly messages: Messages;
}

/**
 * A language is a file of ./locales, named by its BCP 47 tag. There is no list of them to keep. English is always here; another is loaded
 * when it is wanted.
 */
const modules = import.meta.glob<LocaleModule>(['./locales/*.ts', '!./locales/en.ts']);
const loaders: ReadonlyMap<string, () => Promise<LocaleModule>> = new Map(
  Object.entries(modules).map(([path, load]) => [path.replace(/^.*\/|\.ts$/g, ''), load]),
);

export const fallbackLocale = 'en';
const storageKey = 'akkachat.locale';
let wanted = fallbackLocale;
const catalogs = new Map<string, Messages>([[fallbackLocale, english]]);

export const locales: readonly string[] = [fallbackLocale, ...loaders.keys()].sort();

/** The texts of a language of `locales`. Rejects when its file cannot be loaded. */
export async function loadCatalog(locale: string): Promise<Messages> {
  const known = catalogs.get(locale);
  if (known) return known;
  const { messages } = await (loaders.get(locale) ?? (() => Promise.reject(new Error(`There is no language '${locale}'.`))))();
  catalogs.set(locale, messages);
  return messages;
}

/** The language's own name. */
export function localeName(locale: string): string {
  const name = new Intl.DisplayNames([locale], { type: 'language' }).of(locale) ?? locale;
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
}

/** The first of `wanted` that has a catalogue: with the same tag, or else the same language. */
export function pickLocale(wanted: readonly string[]): string {
  for (const tag of wanted) {
    const lower = tag.toLowerCase();
    const exact = locales.find((locale) => locale.toLowerCase() === lower);
    const language = locales.find((locale) => locale.split('-')[0] === lower.split('-')[0]);
    const found = exact ?? language;
    if (found) return found;
  }
  return fallbackLocale;
}

export type Params = Readonly<Record<string, string | number>>;

export interface Translator {
  readonly locale: string;
  (key: MessageKey, params?: Params): string;
}

export function createTranslator(locale: string): Translator {
  const catalog: Messages = catalogs.get(locale) ?? english;
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  const translate = (key: MessageKey, params: Params = {}): string => {
    const text = catalog[key];
    const { count } = params;
    const form = typeof text === 'string' ? text : (text[plurals.select(typeof count === 'number' ? count : 0)] ?? text.other);
    return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = params[name];
      return value === undefined ? whole : typeof value === 'number' ? numbers.format(value) : value;
    });
  };
  return Object.assign(translate, { locale });
}

/** An error's text by its code. */
export function translateError(t: Translator, code: string): string {
  const key = `error.${code}`;
  return t(isMessageKey(key) ? key : 'error.unknown');
}

function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(english, key);
}

export const translator = new Store<Translator>(createTranslator(fallbackLocale));

/** The language to begin with: the chosen one, or the browser's. English where it cannot be loaded. */
export async function startLocale(): Promise<void> {
  try {
    await show(pickLocale([localStorage.getItem(storageKey) ?? '', ...navigator.languages]));
  } catch (error) {
    console.warn('akkachat: the language could not be loaded', error);
  }
}

/** Rejects when the language cannot be loaded; then the page keeps the one it has. */
export async function setLocale(locale: string): Promise<void> {
  const known = pickLocale([locale]);
  await show(known);
  localStorage.setItem(storageKey, known);
}

export const localeIsChosen = (): boolean => localStorage.getItem(storageKey) !== null;

async function show(locale: string): Promise<void> {
  // Only the last of two that are wanted at once is shown.
  wanted = locale;
  await loadCatalog(locale);
  if (wanted !== locale) return;
  translator.set(createTranslator(locale));
  document.documentElement.lang = locale;
}
