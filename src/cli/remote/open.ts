import { readFileSync } from 'node:fs';

import { asError, TslbError } from '../../core/errors.ts';
import { askSecret, canAsk } from '../terminal-questions.ts';
import { type ApiAddress, DEFAULT_API, parseApiAddress } from './address.ts';
import { ApiClient } from './api-client.ts';

/** The options for the address and the login of the API; the same for each command that asks it. */
export interface RemoteOptions {
  readonly api?: string | undefined;
  readonly config?: string | undefined;
  readonly useConfigEnvVars?: boolean | undefined;
  readonly login?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly ca?: string | undefined;
  readonly insecure?: boolean | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Login {
  readonly name: string;
  readonly password: string;
}

interface Place {
  readonly address: ApiAddress;
  /** As the configuration that names the API has it. */
  readonly login?: Login | undefined;
}

/**
 * Address and login: the command line first, then TSLB_API, TSLB_LOGIN and TSLB_PASSWORD, then the default. Asks
 * for the password where there is a terminal; sends nothing.
 * @throws TslbError TSLB_USAGE
 */
export async function openRemote(options: RemoteOptions, environment: Environment): Promise<ApiClient> {
  const place = await placeOf(options, environment);
  return new ApiClient({
    address: place.address,
    login: await loginOf(options, environment, place),
    ca: options.ca === undefined ? undefined : fileText(options.ca),
    insecure: options.insecure,
  });
}

async function placeOf(options: RemoteOptions, { TSLB_API }: Environment): Promise<Place> {
  if (options.api !== undefined && options.config !== undefined) {
    throw new TslbError('TSLB_USAGE', 'the API is named twice, by --api and by a configuration; use one of them');
  }
  if (options.api !== undefined) return { address: parseApiAddress(options.api) };
  if (options.config !== undefined) {
    // Only here: it reads a configuration with all that tslb knows of one.
    const { apiOfConfig } = await import('./api-of-config.ts');
    return apiOfConfig({ ...options, config: options.config });
  }
  return { address: parseApiAddress(TSLB_API === undefined || TSLB_API === '' ? DEFAULT_API : TSLB_API) };
}

async function loginOf(options: RemoteOptions, environment: Environment, place: Place): Promise<Login | undefined> {
  const name = options.login ?? environment['TSLB_LOGIN'] ?? place.address.login ?? place.login?.name;
  if (name === undefined) {
    if (options.passwordFile === undefined) return undefined;
    throw new TslbError('TSLB_USAGE', 'there is a password, but no login; give it with --login NAME');
  }
  if (options.passwordFile !== undefined) {
    return { name, password: fileText(options.passwordFile).replace(/\r?\n$/, '') };
  }
  if (environment['TSLB_PASSWORD'] !== undefined) return { name, password: environment['TSLB_PASSWORD'] };
  if (name === place.login?.name) return place.login;
  const password = canAsk() ? await askSecret(`Password of ${name} at ${place.address.text}`) : undefined;
  if (password !== undefined) return { name, password };
  throw new TslbError('TSLB_USAGE', `the password of ${name} is missing; use --password-file or TSLB_PASSWORD`);
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TslbError('TSLB_USAGE', `${path} cannot be read: ${asError(cause).message}`, { cause });
  }
}
