/** Runs before the page is drawn, so that it never shows the other theme first. */
import { applyTheme, storedTheme } from './stored-theme.ts';

applyTheme(storedTheme());
