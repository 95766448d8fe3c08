export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'tslb-theme';

export function storedTheme(): Theme {
  const stored = read();
  return THEMES.find((theme) => theme === stored) ?? 'system';
}

/** Keeps it for the next visit, if the browser has a storage. */
export function chooseTheme(theme: Theme): void {
  applyTheme(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Then the theme holds for this visit only.
  }
}

export function applyTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // The browser has no storage.
  }
}
