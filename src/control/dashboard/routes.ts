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
  readonly stats: Pick<Stats, 'now'>;
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

/**
 * The stats page at `uri`, HAProxy's table at `uri;csv`, what the page loads at `uri/…`, and our API at `uri/v1`.
 * @throws TslbError TSLB_STATS_PAGE
 */
export function dashboardRoutes({ config, reading, stats, v1, snapshotJson }: DashboardParts): FastifyPluginAsync {
  const { uri, refreshMs, admin } = config;
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  const guard = new Guard(admin);

  function sendPage(request: FastifyRequest, reply: FastifyReply, refreshSeconds: number): FastifyReply {
    const { version, pid } = reading.about;
    const page = pageHtml({
      ...{ name, refreshSeconds, token: guard.token(request.login), about: { version, pid } },
      snapshot: snapshotJson(stats.now()),
    });
    return reply.header('content-security-policy', PAGE_POLICY).type('text/html; charset=utf-8').send(page);
  }

  function sendCsv(reply: FastifyReply): FastifyReply {
    const csv = haproxyCsv(stats.now(), {
      openFilesLimit: reading.about.openFilesLimit,
      checkKind: (server) => checkKindOf(reading.serverConfig(server)),
    });
    return reply.type('text/plain; charset=utf-8').send(csv);
  }

  return async (app: FastifyInstance) => {
    const assets = await readAssets();
    const refreshSeconds = Math.ceil(refreshMs / 1000);
    app.get(uri, (request, reply) => sendPage(request, reply, refreshSeconds));
    app.get(`${uri}/`, (_request, reply) => reply.redirect(`../${name}`, 308));
    // HAProxy's words behind the path: it heeds those that it knows, in any order.
    app.get<{ Params: { words: string } }>(`${uri};:words`, (request, reply) => {
      const words = request.params.words.split(';');
      if (words.includes('csv')) return sendCsv(reply);
      return sendPage(request, reply, words.includes('norefresh') ? 0 : refreshSeconds);
    });
    for (const [file, asset] of assets) app.get(`${uri}/${file}`, (request, reply) => sendAsset(request, reply, asset));
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

/** A browser keeps it, and asks each time whether it is still the same. */
function sendAsset({ headers }: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  const isGzip = /\bgzip\b/.test(headers['accept-encoding'] ?? '');
  const { body, etag } = isGzip ? asset.gzipped : asset.plain;
  void reply.headers({ etag, vary: 'accept-encoding', 'cache-control': 'no-cache' });
  if (headers['if-none-match'] === etag) return reply.code(304).send();
  if (isGzip) void reply.header('content-encoding', 'gzip');
  return reply.type(asset.contentType).send(body);
}
