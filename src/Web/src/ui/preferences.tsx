import { Monitor, Moon, Sun } from 'lucide-react';
import { locales, localeName, setLocale } from '@/lib/i18n/i18n';
import { useT } from '@/lib/i18n/use-t';
import { setTheme, theme, themes } from '@/lib/theme';
import { useStore } from '@/lib/use-store';
import { IconButton } from './button';
import styles from './preferences.module.css';

export function LanguageSelect({ onChange, label = true }: { onChange?: (locale: string) => void; label?: boolean }) {
  const t = useT();
  return (
    <label className={styles['language']}>
      <span className={label ? styles['label'] : 'visually-hidden'}>{t('language.label')}</span>
      <select
        data-testid="language-select"
        value={t.locale}
        onChange={({ target }) => {
          setLocale(target.value);
          onChange?.(target.value);
        }}
      >
        {locales.map((locale) => (
          <option key={locale} value={locale} lang={locale}>
            {localeName(locale)}
          </option>
        ))}
      </select>
    </label>
  );
}

const icons = { system: Monitor, light: Sun, dark: Moon };

/** One button: system, light, dark and around again. */
export function ThemeToggle() {
  const t = useT();
  const current = useStore(theme, (value) => value);
  const Icon = icons[current];
  const next = themes[(themes.indexOf(current) + 1) % themes.length] ?? 'system';
  return (
    <IconButton label={t('theme.toggle', { theme: t(`theme.${current}`) })} data-testid="theme-toggle" data-theme-choice={current} onClick={() => setTheme(next)}>
      <Icon />
    </IconButton>
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
