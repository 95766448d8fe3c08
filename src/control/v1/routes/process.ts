import {
  infoSchema,
  logLevelSchema,
  nothingSchema,
  reloadSchema,
  resetSchema,
  snapshotSchema,
} from '../../../wire/v1/process.ts';
import type { V1App, V1Parts } from '../parts.ts';
import { infoJson } from '../present/info.ts';
import { snapshotJson } from '../present/snapshot.ts';
import { toBody, toChange, toReading } from '../responses.ts';

const tags = ['process'];

/** The process as a whole. */
export function processRoutes(app: V1App, { reading, steering, stats, actor, mayChange }: V1Parts): void {
  app.get(
    '/info',
    {
      schema: {
        operationId: 'getInfo',
        tags,
        summary: 'The process, and the rights of the client',
        response: toReading({ description: 'The process.', schema: infoSchema }),
      },
    },
    async (request) =>
      infoJson(reading, stats.latest(), { actor: actor(request), isAdmin: mayChange(request) === true }),
  );

  app.get(
    '/stats',
    {
      schema: {
        operationId: 'getStats',
        tags,
        summary: 'Everything at this moment',
        description:
          'Counters and gauges are of this moment, to the byte; bytes of connections that go on are counted once a' +
          ' second.' +
          ' Rates are of the last whole second.',
        response: toReading({ description: 'All servers with all backends.', schema: snapshotSchema }),
      },
    },
    async () => snapshotJson(stats.now()),
  );

  app.post(
    '/counters/reset',
    {
      schema: {
        operationId: 'resetCounters',
        tags,
        summary: 'Reset counters',
        description: 'Counters, peaks and histograms, of one server or of all; gauges stay.',
        body: resetSchema,
        response: toBody([{ description: 'Done.', schema: nothingSchema }], 404),
      },
    },
    async (request) => {
      steering.counters.reset(request.body?.server, actor(request));
      return {};
    },
  );

  app.post(
    '/reload',
    {
      schema: {
        operationId: 'reload',
        tags,
        summary: 'Reload the configuration',
        description: 'As SIGHUP does. Either the whole configuration takes effect, or nothing changes.',
        response: toChange({ description: 'It is in force.', schema: reloadSchema }, 409, 422),
      },
    },
    async (request) => {
      const { added, changed, removed, unchanged, warnings } = await steering.configuration.reload(actor(request));
      return { added, changed, removed, unchanged, warnings };
    },
  );

  app.get(
    '/log-level',
    {
      schema: {
        operationId: 'getLogLevel',
        tags,
        summary: 'What is logged',
        response: toReading({ description: 'The level in force.', schema: logLevelSchema }),
      },
    },
    async () => ({ level: reading.logLevel }),
  );

  app.put(
    '/log-level',
    {
      schema: {
        operationId: 'setLogLevel',
        tags,
        summary: 'Change the log level',
        description: 'Until the next reload, which puts the level of the file into force.',
        body: logLevelSchema,
        response: toBody([{ description: 'The level in force.', schema: logLevelSchema }]),
      },
    },
    async (request) => {
      steering.logLevel.set(request.body.level, actor(request));
      return { level: reading.logLevel };
    },
  );
}
