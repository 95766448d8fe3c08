import { readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

/** Where systems keep the certificates they trust, as Go looks for them; an administrator adds his own there. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * The signers of trusted certificates: the system's list, or that of the variable SSL_CERT_FILE; where there is
 * none, the list that came with Node. Reads the file; keep the result.
 */
export function systemRoots(env: NodeJS.ProcessEnv = process.env): SecureContext {
  const { SSL_CERT_FILE: named } = env;
  const files = named === undefined || named === '' ? BUNDLES : [named];
  return createSecureContext({ ca: firstReadable(files) ?? [...rootCertificates] });
}

function firstReadable(files: readonly string[]): string | undefined {
  for (const file of files) {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      // Not on this system.
    }
  }
  return undefined;
}
