import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';

import type { Reading } from '../../core/reading.ts';
import type { Stats, StatsSnapshot } from '../../core/stats.ts';
import type { Actor } from '../../core/steering.ts';
import type { SnapshotJson } from '../../view/wire.ts';
import { actorOf } from '../../web/client.ts';
import { type Asset, readAssets } from './assets.ts';
import { checkKindOf } from './check-status.ts';
import { haproxyCsv } from './csv.ts';
import { Guard, TOKEN_HEADER } from './guard.ts';
import { pageHtml } from './page.ts';
import type { StatsPageConfig } from './schema.ts';
import { hasWords, type Words, wordsOf } from './words.ts';

/** What the API below the page has to know of each request. */
export interface PageAccess {
  readonly actor: (request: FastifyRequest) => Actor;
  /** True, or why not. */
  readonly mayChange: (request: FastifyRequest) => true | string;
  /** In which header changes have a token. */
  readonly tokenHeader: string;
}

export interface DashboardParts {
  readonly config: Pick<StatsPageConfig, 'uri' | 'refreshMs' | 'admin'>;
  readonly reading: Pick<Reading, 'about' | 'serverConfig'>;
  readonly stats: Pick<Stats, 'now' | 'history'>;
  /** Our API, for below the page. */
  readonly v1: (access: PageAccess) => FastifyPluginAsync;
  /** A snapshot as that API sends it. */
  readonly snapshotJson: (snapshot: StatsSnapshot) => SnapshotJson;
}

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const OTHER_FORMAT =
  "HAProxy's JSON and typed output are not built; use ;csv, or the API at v1/stats below this page\n";

/** Of routes below the page that only a URL with words gets to. */
const WITH_WORDS = { words: 'yes' };
const LOOKING = ['GET', 'HEAD'];

/**
 * The stats page at `uri`, HAProxy's table at `uri;csv`, what the page loads at `uri/…`, and our API at `uri/v1`.
 * @throws TslbError TSLB_STATS_PAGE
 */
export function dashboardRoutes({ config, reading, stats, v1, snapshotJson }: DashboardParts): FastifyPluginAsync {
  const { uri, refreshMs, admin } = config;
  const refreshSeconds = Math.ceil(refreshMs / 1000);
  const guard = new Guard(admin);

  function look(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const words = wordsOf(request.url, uri);
    if (words.format === 'other') return reply.code(404).type('text/plain; charset=utf-8').send(OTHER_FORMAT);
    return words.format === 'csv' ? sendCsv(reply, words) : sendPage(request, reply, words);
  }

  function sendPage(request: FastifyRequest, reply: FastifyReply, words: Words): FastifyReply {
    const { version, pid } = reading.about;
    const page = pageHtml({
      ...{ name: relative(uri, words), refreshSeconds: words.isStill ? 0 : refreshSeconds },
      ...{ token: guard.token(request.login), about: { version, pid } },
      snapshot: snapshotJson(stats.now()),
    });
    return reply.header('content-security-policy', PAGE_POLICY).type('text/html; charset=utf-8').send(page);
  }

  function sendCsv(reply: FastifyReply, words: Words): FastifyReply {
    const csv = haproxyCsv(stats.now(), {
      ...{ openFilesLimit: reading.about.openFilesLimit, words },
      checkKind: (server) => checkKindOf(reading.serverConfig(server)),
      mostWaiting: (server) => Math.max(0, ...(stats.history(server)?.waiting ?? [])),
    });
    return reply.type('text/plain; charset=utf-8').send(csv);
  }

  /** A form of HAProxy's page changes a server so, and is told where to look. Changes are requested at uri/v1 here. */
  function deny(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const words = wordsOf(request.url, uri);
    const kept = `${words.hidesDown ? ';up' : ''}${words.isStill ? ';norefresh' : ''}`;
    return reply
      .code(303)
      .header('location', `${relative(uri, words)};st=DENY${kept}`)
      .send();
  }

  return async (app: FastifyInstance) => {
    const assets = await readAssets();
    app.addConstraintStrategy(wordsStrategy(uri));
    for (const [file, asset] of assets) {
      app.route({ method: LOOKING, url: `${uri}/${file}`, handler: (...asked) => sendAsset(...asked, asset) });
    }
    for (const url of [uri, `${uri}/`]) app.route({ method: LOOKING, url, handler: look });
    app.route({ method: LOOKING, url: `${uri}*`, constraints: WITH_WORDS, handler: look });
    await app.register(async (forms) => {
      readNoBody(forms);
      for (const url of [uri, `${uri}/`]) forms.post(url, deny);
      forms.post(`${uri}*`, { constraints: WITH_WORDS }, deny);
    });
    await app.register(
      v1({
        actor: (request) => actorOf(request, 'page'),
        mayChange: (request) => guard.mayChange(request),
        tokenHeader: TOKEN_HEADER,
      }),
      { prefix: `${uri}/v1` },
    );
  };
}

/** The address of the page, from one that seems to be below it, whatever a proxy has put before both. */
function relative(uri: string, { depth }: Words): string {
  return `${'../'.repeat(depth)}${uri.slice(uri.lastIndexOf('/') + 1)}`;
}

/** Has the router know whether a URL has words, so that what has none is 404 as everywhere. */
function wordsStrategy(uri: string): Parameters<FastifyInstance['addConstraintStrategy']>[0] {
  return {
    name: 'words',
    storage: () => {
      const handlers = new Map<unknown, unknown>();
      return {
        get: (key) => (handlers.get(key) ?? null) as never,
        set: (key, handler) => void handlers.set(key, handler),
      };
    },
    deriveConstraint: ({ url = '' }) => (hasWords(url, uri) ? WITH_WORDS.words : undefined),
    validate: () => true,
  };
}

/** A body of any type is dropped. */
function readNoBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, body, done) => {
    body.resume();
    done(null);
  });
}

/** A browser keeps it, and asks each time whether it is still the same. */
function sendAsset({ headers }: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  const isGzip = /\bgzip\b/.test(headers['accept-encoding'] ?? '');
  const { body, etag } = isGzip ? asset.gzipped : asset.plain;
  void reply.headers({ etag, vary: 'accept-encoding', 'cache-control': 'no-cache' });
  if (headers['if-none-match'] === etag) return reply.code(304).send();
  if (isGzip) void reply.header('content-encoding', 'gzip');
  return reply.type(asset.contentType).send(body);
}
