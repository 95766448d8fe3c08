import { TslbError } from '../../core/errors.ts';
import type { V1App } from './parts.ts';

const METHODS = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'] as const;

/**
 * Notes the methods of each path that is added to this context from now on.
 * @returns what adds 405 with `Allow` for the others; to be called when all routes are there
 */
export function watchMethods(app: V1App): () => void {
  const paths = new Map<string, readonly string[]>();
  app.addHook('onRoute', ({ routePath, method }) => {
    paths.set(routePath, [...(paths.get(routePath) ?? []), ...[method].flat()]);
  });
  return () => {
    // In a context of its own, which is made after those that routes have.
    void app.register(async (others: V1App) => {
      for (const [path, allowed] of [...paths]) refuseOthers(others, path, allowed);
    });
  };
}

function refuseOthers(app: V1App, path: string, allowed: readonly string[]): void {
  const allow = allowed.toSorted().join(', ');
  app.route({
    url: path,
    method: METHODS.filter((method) => !allowed.includes(method)),
    schema: { hide: true },
    // Before a body is asked for.
    preParsing: async ({ method }, reply) => {
      void reply.header('allow', allow);
      throw new TslbError('TSLB_REQUEST_METHOD', `the method ${method} is not allowed here; use ${allow}`, {
        side: 'client',
      });
    },
    handler: async () => undefined,
  });
}
