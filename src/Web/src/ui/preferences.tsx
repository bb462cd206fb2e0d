import { Monitor, Moon, Sun } from 'lucide-react';
import { useState } from 'react';
import { locales, localeName, setLocale } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { setTheme, theme, themes } from '@/lib/theme';
import { useStore } from '@/lib/use-store';
import { Menu, MenuItem } from './menu';
import styles from './preferences.module.css';

export function LanguageSelect({ onChange, label = true }: { onChange?: (locale: string) => void; label?: boolean }) {
  const t = useT();
  const [failed, setFailed] = useState(false);
  const change = async (locale: string) => {
    setFailed(false);
    try {
      await setLocale(locale);
      onChange?.(locale);
    } catch (error) {
      console.warn('akkachat: the language could not be loaded', error);
      setFailed(true);
    }
  };
  return (
    <label className={styles['language']}>
      <span className={label ? styles['label'] : 'visually-hidden'}>{t('language.label')}</span>
      <select
        data-testid="language-select"
        value={t.locale}
        onChange={({ target }) => void change(target.value)}
      >
        {locales.map((locale) => (
          <option key={locale} value={locale} lang={locale}>
            {localeName(locale)}
          </option>
        ))}
      </select>
      {failed && <span role="alert" className={styles['failed']}>{t('language.failed')}</span>}
    </label>
  );
}

const icons = { system: Monitor, light: Sun, dark: Moon };

/** A menu of the themes, with the one in use marked. */
export function ThemeToggle() {
  const t = useT();
  const current = useStore(theme, (value) => value);
  const Icon = icons[current];
  return (
    <Menu label={t('theme.toggle', { theme: t(`theme.${current}`) })} testId="theme-toggle" trigger={<Icon aria-hidden="true" />}>
      {themes.map((name) => {
        const ItemIcon = icons[name];
        return (
          <MenuItem key={name} icon={<ItemIcon aria-hidden="true" />} checked={name === current} testId={`theme-${name}`} onSelect={() => setTheme(name)}>
            {t(`theme.${name}`)}
          </MenuItem>
        );
      })}
    </Menu>
  );
}

export function ThemeChoice() {
  const t = useT();
  const current = useStore(theme, (value) => value);
  return (
    <fieldset className={styles['themes']}>
      <legend className={styles['label']}>{t('menu.theme')}</legend>
      <div className={styles['segments']}>
        {themes.map((name) => {
          const Icon = icons[name];
          return (
            <label key={name} className={styles['segment']} data-checked={name === current || undefined}>
              <input type="radio" name="theme" className="visually-hidden" value={name} checked={name === current} onChange={() => setTheme(name)} />
              <Icon aria-hidden="true" />
              {t(`theme.${name}`)}
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
