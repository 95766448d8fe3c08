import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { TslbError } from '../../core/errors.ts';

/** Where the build puts what browsers get (scripts/build-ui.ts): dist/ui, beside dist/src. */
const BUILT = new URL('../../../ui/', import.meta.url);

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** One file in one encoding. */
export interface Representation {
  readonly body: Buffer;
  /** Strong, and another one for each encoding. */
  readonly etag: string;
}

export interface Asset {
  readonly contentType: string;
  readonly plain: Representation;
  readonly gzipped: Representation;
}

/**
 * All files that there are, by name: nothing else can be asked for.
 * @throws TslbError TSLB_STATS_PAGE when the page was not built
 */
export async function readAssets(folder = BUILT): Promise<ReadonlyMap<string, Asset>> {
  try {
    const names = (await readdir(folder)).filter((name) => extname(name) in CONTENT_TYPES);
    return new Map(await Promise.all(names.map(async (name) => [name, await readAsset(folder, name)] as const)));
  } catch (cause) {
    throw new TslbError('TSLB_STATS_PAGE', 'the files of the stats page cannot be read', { cause });
  }
}

async function readAsset(folder: URL, name: string): Promise<Asset> {
  const body = await readFile(new URL(name, folder));
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return {
    contentType: CONTENT_TYPES[extname(name)] ?? '',
    plain: { body, etag: `"${hash}"` },
    gzipped: { body: await promisify(gzip)(body, { level: 9 }), etag: `"${hash}-gzip"` },
  };
}
