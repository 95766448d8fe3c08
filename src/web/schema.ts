import * as z from 'zod';

import type { Fault } from '../config/problem/problem.ts';
import { secret } from '../config/values/secrets.ts';
import { parsedText } from '../config/values/values.ts';
import type { NamedAddress } from '../core/address.ts';
import type { TlsFiles } from '../tls/material.ts';

/** Where one of our HTTP services listens, and which login it asks for. */
export interface WebConfig {
  readonly bind: NamedAddress;
  /** Absent: without TLS. */
  readonly tls?: TlsFiles;
  /** Absent: everybody may ask. */
  readonly basicAuth?: Login;
}

export interface Login {
  readonly login: string;
  readonly password: string;
}

/** RFC 7617 parts the login from the password at the first colon, and takes control characters in neither. */
function loginFault(text: string): Fault | undefined {
  const code = 'TSLB_CONFIG_LOGIN';
  if (text.includes(':')) return { code, message: 'the login has a colon, which basic auth cannot carry' };
  if (/\p{Cc}/u.test(text)) return { code, message: 'the login has a control character' };
  return undefined;
}

function passwordFault(text: string): Fault | undefined {
  if (!/\p{Cc}/u.test(text)) return undefined;
  return { code: 'TSLB_CONFIG_LOGIN', message: 'the password has a control character' };
}

function loginText(text: string) {
  const fault = loginFault(text);
  return fault === undefined ? { value: text } : { faults: [fault] };
}

/** The table `basic_auth` of a service. */
export const basicAuthSchema = z
  .object({
    login: parsedText(loginText).meta({
      title: 'string',
      description: 'The login name.',
      examples: ['admin'],
    }),
    password: secret(passwordFault, 'The password. Only a dump with secrets shows it.'),
  })
  .transform(({ login, password }): Login => ({ login, password }))
  .meta({ description: 'The login that the service requires (HTTP basic auth). Absent: no login.' });

/** The table `tls` of a service. */
export const webTlsSchema = z
  .object({
    cert_path: z.string().meta({
      title: 'path',
      description: 'The certificate and its intermediate certificates, in a PEM file.',
      examples: ['/etc/tslb/cert.pem'],
    }),
    key_path: z.string().meta({
      title: 'path',
      description: "The certificate's private key, in a PEM file.",
      examples: ['/etc/tslb/key.pem'],
    }),
  })
  .transform(({ cert_path: certPath, key_path: keyPath }): TlsFiles => ({ certPath, keyPath }))
  .meta({ description: 'The service is HTTPS. Absent: plain HTTP.' });
