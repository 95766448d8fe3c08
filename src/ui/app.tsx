import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { ageText, timeText } from '../view/format.ts';
import { apiUrl } from './api.ts';
import { Bar } from './bar.tsx';
import { Changes, LastChange } from './changes.tsx';
import { notice } from './command.ts';
import { Connections } from './connections.tsx';
import { Confirmation } from './dialog.tsx';
import { apiConnection, heardAt, info, snapshot } from './live.ts';
import { Menu } from './menu.tsx';
import { Summary } from './summary.tsx';
import { Servers } from './table.tsx';
import { filter, view } from './view-state.ts';

const NOTICE_MS = 8000;
/** The operator may have missed it, because its dialog is gone. */
const FAILURE_MS = 30_000;

export function App() {
  return (
    <>
      <a class="skip" href="#content" onClick={skip}>
        To the table
      </a>
      <Bar />
      <LostBanner />
      <NoticePlace />
      <main id="content" tabIndex={-1}>
        {view.value === 'servers' && (
          <>
            <Summary />
            <Filter />
            <Servers />
          </>
        )}
        {view.value === 'connections' && <Connections />}
        {view.value === 'changes' && <Changes />}
      </main>
      <footer class="foot">
        <LastChange />
        <Links />
      </footer>
      <Menu />
      <Confirmation />
    </>
  );
}

/** Moves the focus without an anchor, because the address of the page names the view. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

/** The key `/` moves the focus here. */
function Filter() {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    function jump(event: KeyboardEvent): void {
      if (event.key !== '/' || event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement)
        return;
      event.preventDefault();
      input.current?.focus();
    }
    addEventListener('keydown', jump);
    return () => removeEventListener('keydown', jump);
  }, []);
  return (
    <div class="tools-row">
      <label>
        <span>Filter</span>
        <input
          ref={input}
          type="search"
          value={filter.value}
          placeholder="server, backend, state or reason"
          spellcheck={false}
          onInput={({ currentTarget }) => (filter.value = currentTarget.value)}
        />
      </label>
    </div>
  );
}

/** The age is outside of the live region, because screen readers would read it every second. */
function LostBanner() {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const isLost = useComputed(() => apiConnection.value === 'lost');
  return (
    <div class={isLost.value ? 'banner' : ''}>
      <span role="alert">{isLost.value && 'The connection is lost. The page tries to connect again.'}</span>
      {isLost.value && <span> What you see is {ageText(now.value - heardAt.value)} old.</span>}
    </div>
  );
}

/** The result of the last command. */
function NoticePlace() {
  useSignalEffect(() => {
    if (notice.value === undefined) return undefined;
    const shownMs = notice.value.isFailure === true ? FAILURE_MS : NOTICE_MS;
    const timer = setTimeout(() => (notice.value = undefined), shownMs);
    return () => clearTimeout(timer);
  });
  const shown = notice.value;
  return (
    <div role="status" class="notice-place">
      {shown !== undefined && <p class={shown.isFailure === true ? 'banner' : 'notice'}>{shown.text}</p>}
    </div>
  );
}

function Links() {
  const page = location.pathname;
  return (
    <p class="links">
      {snapshot.value !== undefined && (
        <time dateTime={snapshot.value.at}>{timeText(new Date(snapshot.value.at))}</time>
      )}
      <a href={`${page};csv`}>CSV</a>
      <a href={apiUrl('openapi.json').href}>API</a>
      {info.value?.login !== undefined && <span>{info.value.login}</span>}
    </p>
  );
}
