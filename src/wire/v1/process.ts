import * as z from 'zod';

import { serverSchema } from './server.ts';
import { claim, measure, moment, tally, word, words } from './values.ts';

export const threadSchema = z
  .object({
    number: tally('From 0.'),
    engine: word('Which engine it runs.', 'epoll'),
    connections: tally('Connections that it holds now.', 12),
    accepted: tally('Connections that it was ever given.', 50_000),
  })
  .meta({ id: 'Thread', description: 'One thread of the data plane.' });

const threads = z.array(threadSchema).meta({ description: 'The threads of the data plane.' });

const processKeys = {
  uptime_ms: measure('How long it has run.', 86_400_000),
  rss_bytes: tally('Resident memory.', 90_000_000),
  cpu: measure('Processor time over the last second, of one core, of all threads together.', 0.35),
  loop_delay_ms: measure('The longest delay of the main thread in the last second.', 1.2),
  open_files: tally('Open descriptors; absent where the system does not tell.', 48).optional(),
};

export const infoSchema = z
  .object({
    version: word('Of tslb.', '0.1.0'),
    pid: tally('Of the process.', 4711),
    started_at: moment('When the process started.'),
    ...processKeys,
    engine: word('What `engine = "auto"` is on this machine.', 'epoll'),
    engine_reason: word('Why it is not epoll.', 'koffi is not installed').optional(),
    threads,
    config_file: word('Where the configuration came from; absent where that is no file.', '/etc/tslb.toml').optional(),
    log_level: word('In force.', 'info'),
    open_files_limit: tally('Descriptors that the process may open.', 65_536).optional(),
    admin: claim('Whether the client may make changes here.'),
    login: word('The login of the client; absent without a login.', 'admin').optional(),
  })
  .meta({ id: 'Info', description: 'The process, and the rights of the client.' });

export const snapshotSchema = z
  .object({
    at: moment('When it was taken.'),
    process: z.object(processKeys).meta({ id: 'Process', description: 'The process.' }),
    threads,
    servers: z.array(serverSchema).meta({ description: 'In the order of the configuration.' }),
  })
  .meta({ id: 'Snapshot', description: 'Everything at one moment.' });

export const reloadSchema = z
  .object({
    added: words('Servers that are new.', 'mail'),
    changed: words('Servers that were changed in place.', 'web'),
    removed: words('Servers that are gone; their connections drain.'),
    unchanged: words('Servers that were not touched.'),
    warnings: words('The warnings of the file, one line each.'),
  })
  .meta({ id: 'ReloadResult', description: 'What the reload has changed, by names of servers.' });

export const resetSchema = z
  .strictObject({
    server: word('The name of a server; absent: all.', 'web').optional(),
  })
  .meta({ id: 'Reset', description: 'Whose counters.' })
  .optional();

export const nothingSchema = z.object({}).meta({ id: 'Nothing', description: 'The answer is empty.' });

export const logLevelSchema = z
  .strictObject({
    level: word('`panic`, `fatal`, `error`, `warn`, `info`, `debug` or `trace`.', 'debug'),
  })
  .meta({ id: 'LogLevel', description: 'The least serious messages that are logged.' });

export type InfoJson = z.output<typeof infoSchema>;
export type SnapshotJson = z.output<typeof snapshotSchema>;
export type ThreadJson = z.output<typeof threadSchema>;
