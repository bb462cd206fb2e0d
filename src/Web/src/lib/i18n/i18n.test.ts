import { describe, expect, it } from 'vitest';
import { catalogOf, createTranslator, locales, pickLocale } from './i18n';

const reference = catalogOf('en')!;
const placeholders = (text: unknown) => [...JSON.stringify(text).matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe('The languages', () => {
  it('are English and Brazilian Portuguese at least', () => {
    expect(locales).toEqual(expect.arrayContaining(['en', 'pt-BR']));
  });

  it.each(locales)('%s has every text, with the same placeholders, and none besides', (locale) => {
    const catalog = catalogOf(locale)!;
    expect(Object.keys(catalog).sort()).toEqual(Object.keys(reference).sort());
    for (const [key, text] of Object.entries(catalog)) {
      const original = reference[key as keyof typeof reference];
      expect(typeof text, key).toBe(typeof original);
      expect([...new Set(placeholders(text))], key).toEqual([...new Set(placeholders(original))]);
      for (const form of typeof text === 'string' ? [text] : Object.values(text)) expect(form, key).not.toBe('');
    }
  });

  it('are chosen by tag, by language, and otherwise English', () => {
    expect(pickLocale(['pt-BR'])).toBe('pt-BR');
    expect(pickLocale(['pt-PT', 'en'])).toBe('pt-BR');
    expect(pickLocale(['xx', 'en-GB'])).toBe('en');
    expect(pickLocale(['xx'])).toBe('en');
  });

  it('count in their own way', () => {
    const t = createTranslator('en');
    expect(t('rooms.unread', { count: 1 })).toBe('1 unread message');
    expect(t('rooms.unread', { count: 1200 })).toBe('1,200 unread messages');
    expect(createTranslator('pt-BR')('rooms.unread', { count: 1200 })).toBe('1.200 mensagens não lidas');
  });
});
