import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LIMITS, snapshotOf, ledgerFor } from '../../../test/helpers/rigs/frontend.ts';
import { proxyVector, type ProxyVector } from '../../../test/helpers/texts/proxy-vectors.ts';
import { ALLOW_ALL } from '../../access/rules.ts';
import { parseNetwork } from '../../config/values/network.ts';
import { clientAddressOf, clientAddressText } from '../../wire/client-address.ts';
import { ProxiedDatagrams } from './datagram-header.ts';
import { ServerSettings } from './settings.ts';

const network = parseNetwork('192.0.2.0/24');
assert('value' in network);

function headers(isRequired: boolean): ProxiedDatagrams {
  const proxyIn = { isRequired, from: [(network as { value: never }).value], timeoutMs: 5_000 };
  const spec = { id: 1, name: 'dns', binds: [], engine: 'net', balance: 'weight', access: ALLOW_ALL } as const;
  const memory = { ledger: ledgerFor(1).open(0), snapshot: snapshotOf(1, [{}]) };
  return new ProxiedDatagrams(new ServerSettings({ ...spec, ...memory, limits: { ...LIMITS, proxyIn } }));
}

test('each datagram has its own header, or is dropped, or is taken as it is', () => {
  const payload = Buffer.from('question');
  const cases: readonly (readonly [ProxyVector | '', string, required: number, allowed: number, client: string])[] = [
    ['v2 PROXY UDP4', '192.0.2.1', 28, 28, '203.0.113.7:51234'],
    ['v2 LOCAL', '192.0.2.1', 16, 16, 'unix:'],
    ['v2 TCP4', '192.0.2.1', 28, 28, 'unix:'],
    ['v1 TCP4', '192.0.2.1', -1, 0, 'unix:'],
    ['v2 + CRC32C wrong', '192.0.2.1', -1, -1, 'unix:'],
    ['', '192.0.2.1', -1, 0, 'unix:'],
    ['v2 PROXY UDP4', '198.51.100.1', -1, 0, 'unix:'],
  ];
  for (const [name, ip, required, allowed, client] of cases) {
    const datagram = Buffer.concat([name === '' ? Buffer.alloc(0) : proxyVector(name), payload]);
    for (const [isRequired, expected] of [
      [true, required],
      [false, allowed],
    ] as const) {
      const header = headers(isRequired);
      assert.equal(header.read(datagram, clientAddressOf(ip, 53)), expected, `${name} of ${ip}`);
      assert.equal(clientAddressText(header.client), client);
    }
  }
});

test('a header that is cut off is none', () => {
  const bytes = proxyVector('v2 PROXY UDP4');
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(headers(true).read(bytes.subarray(0, length), clientAddressOf('192.0.2.1', 53)), -1);
  }
});
