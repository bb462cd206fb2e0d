import { Store } from './store';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'akkachat.theme';

export const theme = new Store<Theme>(read());

export function setTheme(next: Theme): void {
  if (next === 'system') localStorage.removeItem(key);
  else localStorage.setItem(key, next);
  theme.set(next);
  applyTheme();
}

/** Without the attribute the style sheet follows the system. */
export function applyTheme(): void {
  const { dataset } = document.documentElement;
  const current = theme.get();
  if (current === 'system') delete dataset['theme'];
  else dataset['theme'] = current;
}

function read(): Theme {
  const stored = localStorage.getItem(key);
  return themes.find((name) => name === stored) ?? 'system';
}
