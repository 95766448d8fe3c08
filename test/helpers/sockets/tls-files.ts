import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { temporaryFolder } from '../processes/cli.ts';
import type { Certificate } from './certificate.ts';

/** Where a certificate and its key stand until the test ends. */
export function tlsFiles(t: TestContext, { cert, key }: Certificate) {
  const folder = temporaryFolder(t);
  const files = { certPath: join(folder, 'cert.pem'), keyPath: join(folder, 'key.pem') };
  writeFileSync(files.certPath, cert);
  writeFileSync(files.keyPath, key);
  return files;
}
