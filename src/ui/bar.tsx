import { useSignal } from '@preact/signals';

import { ageText, bytesText, durationText, percentText } from '../view/format.ts';
import { MAY_CHANGE } from './api.ts';
import { asked } from './command.ts';
import { apiConnection, info, snapshot } from './live.ts';
import { addServer, reload } from './server-commands.ts';
import { chooseTheme, storedTheme, type Theme, THEMES } from './stored-theme.ts';
import { type View, view, VIEWS } from './view-state.ts';

const VIEW_NAMES: Readonly<Record<View, string>> = {
  servers: 'Servers',
  connections: 'Connections',
  changes: 'Changes',
};

export function Bar() {
  return (
    <header class="bar">
      <h1 class="brand">tslb</h1>
      <LinkState />
      <Process />
      <nav aria-label="Views">
        {VIEWS.map((each) => (
          <a key={each} href={`#${each}`} aria-current={view.value === each ? 'page' : undefined}>
            {VIEW_NAMES[each]}
          </a>
        ))}
      </nav>
      <span class="space" />
      {MAY_CHANGE && (
        <>
          <button type="button" onClick={() => (asked.value = addServer())}>
            Add server…
          </button>
          <button type="button" onClick={() => (asked.value = reload(info.value?.config_file))}>
            Reload…
          </button>
        </>
      )}
      <ThemeChoice />
    </header>
  );
}

function LinkState() {
  const word = { live: 'live', connecting: 'connecting', lost: 'lost' }[apiConnection.value];
  return <span class={`api-connection ${apiConnection.value}`}>{word}</span>;
}

function Process() {
  const about = info.value;
  const { process: figures, threads = [] } = snapshot.value ?? {};
  if (about === undefined || figures === undefined) return null;
  const { open_files: openFiles, loop_delay_ms: delayMs } = figures;
  const facts: readonly (readonly [title: string, text: string])[] = [
    ['Version and process', `${about.version} · ${about.pid}`],
    ['How long it runs', `up ${ageText(figures.uptime_ms)}`],
    ['Threads and their engine', `${threads.length} × ${about.engine}`],
    ['Of one core, over the last second', `CPU ${percentText(figures.cpu)}`],
    ['Resident memory', bytesText(figures.rss_bytes)],
    ['The longest that the main thread was held up in the last second', `delay ${durationText(delayMs)}`],
    ...(openFiles === undefined ? [] : [['Open files', `${openFiles} files`] as const]),
  ];
  return (
    <p class="facts">
      {facts.map(([title, text]) => (
        <span key={title} title={title}>
          {text}
        </span>
      ))}
    </p>
  );
}

function ThemeChoice() {
  const theme = useSignal(storedTheme());
  function choose(chosen: Theme): void {
    theme.value = chosen;
    chooseTheme(chosen);
  }
  return (
    <label class="theme">
      <span class="unseen">Theme</span>
      <select value={theme.value} onChange={({ currentTarget }) => choose(currentTarget.value as Theme)}>
        {THEMES.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}
