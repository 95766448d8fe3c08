import type { InfoJson, SnapshotJson } from '../../view/wire.ts';
import { type Html, html } from './html.ts';
import { tableHtml } from './table-html.ts';

export interface PageParts {
  /** The last part of the path of the page. What it loads stands below that, whatever a proxy has put before it. */
  readonly name: string;
  /** Without script: after how many seconds the browser asks again; 0 is never. */
  readonly refreshSeconds: number;
  /** For those who may change something. */
  readonly token: string | undefined;
  readonly about: Pick<InfoJson, 'version' | 'pid'>;
  readonly snapshot: SnapshotJson;
}

/** The page as it is without script, in full; the script takes the place of `#app`. */
export function pageHtml({ name, refreshSeconds, token, about, snapshot }: PageParts): string {
  const refresh =
    refreshSeconds > 0
      ? html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}" /></noscript>`
      : undefined;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        ${tokenHtml(token)} ${refresh}
        <title>tslb</title>
        <link rel="icon" href="${name}/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${name}/page.css" />
        <script src="${name}/theme.js"></script>
        <script type="module" src="${name}/page.js"></script>
      </head>
      <body>
        <div id="app">
          <header class="bar">
            <h1 class="brand">tslb</h1>
            <p class="facts">
              version ${about.version}, process ${about.pid}, <time datetime="${snapshot.at}">${snapshot.at}</time>
            </p>
          </header>
          <main>${tableHtml(snapshot)}</main>
          <footer class="foot"><a href="${name};csv">CSV</a></footer>
        </div>
      </body>
    </html> `.text;
}

function tokenHtml(token: string | undefined): Html | undefined {
  return token === undefined ? undefined : html`<meta name="tslb-csrf" content="${token}" />`;
}
