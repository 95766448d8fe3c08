import { readConfigFile } from '../../app/config/load.ts';
import { diagnosticLine } from '../../config/problem/diagnostic-line.ts';
import { isError } from '../../config/problem/diagnostic.ts';
import type { NamedAddress } from '../../core/address.ts';
import { TslbError } from '../../core/errors.ts';
import { loadOptions } from '../config-options.ts';
import { type ApiAddress, parseApiAddress } from './address.ts';

export interface ApiOfConfig {
  readonly address: ApiAddress;
  readonly login?: { readonly name: string; readonly password: string } | undefined;
}

/**
 * Where a tslb that runs with this configuration has its API, and its login.
 * @throws TslbError TSLB_USAGE for a file with errors or without an API
 */
export async function apiOfConfig(options: {
  readonly config: string;
  readonly useConfigEnvVars?: boolean | undefined;
}): Promise<ApiOfConfig> {
  const { config, diagnostics } = await readConfigFile(options.config, loadOptions(options));
  if (config === undefined) {
    const first = diagnostics.find(isError);
    throw new TslbError('TSLB_USAGE', first === undefined ? 'the file has errors' : diagnosticLine(first));
  }
  const { api } = config;
  if (api === undefined) {
    throw new TslbError('TSLB_USAGE', `${options.config} has no API; write "enabled = true" into its section [api]`);
  }
  return {
    address: parseApiAddress(urlOf(api.bind, api.tls !== undefined)),
    login: api.basicAuth && { name: api.basicAuth.login, password: api.basicAuth.password },
  };
}

function urlOf(bind: NamedAddress, isTls: boolean): string {
  if ('path' in bind) return `unix:${bind.path}`;
  const host = LOCAL_HOSTS[bind.host] ?? bind.host;
  return `${isTls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bind.port}`;
}

/** Where an address of the whole machine is reached on it. */
const LOCAL_HOSTS: Readonly<Record<string, string>> = { '*': '127.0.0.1', '0.0.0.0': '127.0.0.1', '::': '::1' };
