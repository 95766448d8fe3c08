import { render } from 'preact';

import { App } from './app.tsx';
import { goLive } from './live.ts';
import { followAddress } from './view-state.ts';

const RETRY_MS = 3000;

/** Takes over from what the server has drawn, as soon as there is something to draw. */
async function takeOver(): Promise<void> {
  try {
    await goLive();
  } catch {
    setTimeout(() => void takeOver(), RETRY_MS); // Until then the page is as it was loaded.
    return;
  }
  const root = document.getElementById('app');
  if (root === null) return;
  followAddress();
  root.replaceChildren();
  render(<App />, root);
}

void takeOver();
