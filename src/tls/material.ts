import { createSecureContext } from 'node:tls';

import { asError, TslbError } from '../core/errors.ts';
import { readSmallFile } from '../io/small-file.ts';

/** PEM files. */
export interface TlsFiles {
  readonly certPath: string;
  readonly keyPath: string;
}

export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
}

/** @throws TslbError TSLB_WEB_TLS that names the file and what is wrong with it */
export async function tlsMaterial(service: string, { certPath, keyPath }: TlsFiles): Promise<TlsMaterial> {
  const [cert, key] = await Promise.all([
    contents(service, 'certificate', certPath),
    contents(service, 'key', keyPath),
  ]);
  const understood = (what: string, path: string, material: { cert?: Buffer; key?: Buffer }): void => {
    try {
      createSecureContext(material);
    } catch (thrown) {
      throw refusal(service, `${what} ${path} cannot be used`, thrown);
    }
  };
  understood('the certificate', certPath, { cert });
  understood('the key', keyPath, { key });
  understood(`the key ${keyPath} with the certificate`, certPath, { cert, key });
  return { cert, key, minVersion: 'TLSv1.2' };
}

async function contents(service: string, what: string, path: string): Promise<Buffer> {
  try {
    return await readSmallFile(path);
  } catch (thrown) {
    throw refusal(service, `the ${what} ${path} cannot be read`, thrown);
  }
}

function refusal(service: string, what: string, thrown: unknown): TslbError {
  const cause = asError(thrown);
  return new TslbError('TSLB_WEB_TLS', `${service}: ${what}: ${cause.message}`, { cause });
}
