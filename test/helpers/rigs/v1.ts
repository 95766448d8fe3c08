import type { TestContext } from 'node:test';

import type { V1Parts } from '../../../src/control/v1/parts.ts';
import { v1Routes } from '../../../src/control/v1/routes.ts';
import type { SocketAddress } from '../../../src/core/address.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { Control } from '../../../src/core/control.ts';
import type { WebOptions } from '../../../src/web/web.ts';
import { ask, startWeb } from '../sockets/web.ts';

export interface V1Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Undefined where the body is empty. */
  readonly body: unknown;
}

/** Who asks the routes of /v1. */
export class TestV1 {
  readonly address: SocketAddress;

  readonly #prefix: string;

  constructor(address: SocketAddress, prefix = '/v1') {
    this.address = address;
    this.#prefix = prefix;
  }

  /** @param body sent as JSON; a text as it is */
  async ask(request: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<V1Answer> {
    const [method = '', path = ''] = request.split(' ');
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await ask(this.address, `${this.#prefix}${path}`, {
      method,
      headers: { ...(text !== undefined && bodyHeaders(text)), ...headers },
      ...(text !== undefined && { body: text }),
    });
    return { ...answer, body: answer.body === '' ? undefined : JSON.parse(answer.body) };
  }
}

/** With a length: Node's client sends none of its own with a DELETE. */
function bodyHeaders(text: string): Readonly<Record<string, string>> {
  return { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
}

/** @param given what the routes are made of, where it is not what most tests want */
export async function startV1(
  t: TestContext,
  { control, ...given }: Partial<V1Parts> & Pick<V1Parts, 'stats'> & { readonly control: Control },
  web: Partial<WebOptions> = {},
): Promise<TestV1> {
  const failures = { error: () => {} };
  const parts: V1Parts = {
    clock: systemClock,
    log: failures,
    actor: ({ login }) => ({ via: 'api', ...(login !== undefined && { login }) }),
    mayChange: () => true,
    ...control,
    ...given,
  };
  const { address } = await startWeb(t, (app) => void app.register(v1Routes(parts), { prefix: '/v1' }), web);
  return new TestV1(address);
}
