import { type Command, InvalidArgumentError } from 'commander';

/** Adds the options for the address and the login of the API, in a group of their own. */
export function addRemoteOptions(command: Command): Command {
  return command
    .optionsGroup('Options for the API:')
    .option('--api <url>', 'its address: http://HOST:PORT, https://HOST:PORT or unix:/PATH', once)
    .option('-c, --config <file>', 'the configuration whose [api] has its address and login', once)
    .option('-e, --use-config-env-vars', 'replace ${NAME} in that by environment variables')
    .option('--login <name>', 'the login name; the password is asked for', once)
    .option('--password-file <file>', 'read the password from this file', once)
    .option('--ca <file>', 'trust certificates signed by these (PEM)', once)
    .option('--insecure', 'trust every certificate');
}

/** For the help of each command with these options. */
export const REMOTE_HELP = `
Without --api and -c the API is at TSLB_API, or else at http://127.0.0.1:8888. TSLB_LOGIN and TSLB_PASSWORD are the
login and its password.`;

/** Refuses an option that is given again. */
export function once(value: string, before: string | undefined): string {
  if (before === undefined) return value;
  throw new InvalidArgumentError('It is given twice.');
}
