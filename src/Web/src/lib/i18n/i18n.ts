import { Store } from '@/lib/store';
import type { MessageKey, Messages } from './messages';

interface LocaleModule {
  readonly messages: Messages;
}

/** A language is a file of ./locales, named by its BCP 47 tag. There is no list of them to keep. */
const modules = import.meta.glob<LocaleModule>('./locales/*.ts', { eager: true });

const catalogs: ReadonlyMap<string, Messages> = new Map(
  Object.entries(modules).map(([path, module]) => [path.replace(/^.*\/|\.ts$/g, ''), module.messages]),
);

export const fallbackLocale = 'en';
const storageKey = 'akkachat.locale';

export const locales: readonly string[] = [...catalogs.keys()].sort();

export const catalogOf = (locale: string): Messages | undefined => catalogs.get(locale);

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
  const catalog = catalogs.get(locale) ?? catalogs.get(fallbackLocale);
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  const translate = (key: MessageKey, params: Params = {}): string => {
    const text = catalog?.[key];
    if (text === undefined) return key;
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
  return Object.hasOwn(catalogs.get(fallbackLocale) ?? {}, key);
}

export const translator = new Store<Translator>(createTranslator(initialLocale()));

export function setLocale(locale: string): void {
  const known = pickLocale([locale]);
  localStorage.setItem(storageKey, known);
  translator.set(createTranslator(known));
  document.documentElement.lang = known;
}

export const localeIsChosen = (): boolean => localStorage.getItem(storageKey) !== null;

function initialLocale(): string {
  const locale = pickLocale([localStorage.getItem(storageKey) ?? '', ...navigator.languages]);
  document.documentElement.lang = locale;
  return locale;
}
