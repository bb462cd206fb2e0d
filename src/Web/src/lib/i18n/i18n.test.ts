import { describe, expect, it } from 'vitest';
import { createTranslator, loadCatalog, locales, pickLocale, setLocale, translator } from './i18n';

const reference = await loadCatalog('en');
const placeholders = (text: unknown) => [...JSON.stringify(text).matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe('The languages', () => {
  it('are English and Brazilian Portuguese at least', () => {
    expect(locales).toEqual(expect.arrayContaining(['en', 'pt-BR']));
  });

  it.each(locales)('%s has every text, with the same placeholders, and none besides', async (locale) => {
    const catalog = await loadCatalog(locale);
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

  it('are shown once they are loaded, the last of two that are chosen at once', async () => {
    await Promise.all([setLocale('pt-BR'), setLocale('en')]);
    expect(translator.get()('common.cancel')).toBe('Cancel');
    await setLocale('pt-BR');
    expect(translator.get()('common.cancel')).toBe('Cancelar');
    expect(document.documentElement.lang).toBe('pt-BR');
    await setLocale('en');
  });

  it('count in their own way', async () => {
    await loadCatalog('pt-BR');
    const t = createTranslator('en');
    expect(t('rooms.unread', { count: 1 })).toBe('1 unread message');
    expect(t('rooms.unread', { count: 1200 })).toBe('1,200 unread messages');
    expect(createTranslator('pt-BR')('rooms.unread', { count: 1200 })).toBe('1.200 mensagens não lidas');
  });
});
