import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IpAddress } from '../../src/core/address.ts';
import { whyNoEngine } from '../../src/data/engines/registry.ts';
import { AB_CLIENTS, knownLoad, startKnown, sumOf } from '../helpers/processes/known-load.ts';
import { serviceOf } from '../helpers/processes/services.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { type EventReader, readEvents } from '../helpers/sockets/events.ts';
import { ask } from '../helpers/sockets/web.ts';
import {
  type Figures,
  figuresOfCsv,
  figuresOfGobetween,
  figuresOfMetrics,
  figuresOfSnapshot,
  figuresOfV1,
  type ServerFigures,
} from '../helpers/texts/figures.ts';

/** Asks until nobody is connected, and how all have ended is counted. */
async function settled(api: IpAddress): Promise<Figures> {
  for (;;) {
    const figures = await figuresOfV1(api);
    const isOver = Object.values(figures).every(
      ({ active, accepted, causes = {} }) => active === 0 && sumOf(Object.values(causes)) === accepted,
    );
    if (isOver) return figures;
  }
}

/**
 * ab opens some connections more than it needs and leaves at its end, perhaps before they had a backend: how many those
 * are nobody else knows.
 */
function withLeavers(truth: Figures, { pages }: Figures): Figures {
  const { CC = 0 } = pages?.causes ?? {};
  assert.ok(CC <= AB_CLIENTS, `${CC} clients left`);
  const { causes = {}, accepted = 0, ...rest } = truth['pages'] as ServerFigures;
  return CC === 0 ? truth : { ...truth, pages: { ...rest, causes: { ...causes, CC }, accepted: accepted + CC } };
}

/** Only what the other tells, too. */
function asFarAs(told: Figures, truth: Figures): Figures {
  return Object.fromEntries(
    Object.entries(truth).map(([name, figures]) => {
      const keys = Object.keys(told[name] ?? {});
      return [name, Object.fromEntries(Object.entries(figures).filter(([key]) => keys.includes(key)))];
    }),
  ) as Figures;
}

/** The same with every count 0, and no cause. */
function zeroes(figures: Figures): Figures {
  const text = JSON.stringify(figures, (key, value: unknown) => {
    if (key === 'causes') return {};
    return typeof value === 'number' ? 0 : value;
  });
  return JSON.parse(text) as Figures;
}

for (const engine of ['epoll', 'net'] as const) {
  test(
    `${engine}: every surface tells what clients and backends have counted, to the byte`,
    { skip: whyNoEngine(engine) ?? missingTools('ab') },
    async (t) => {
      const scene = await startKnown(t, engine);
      const [api, metrics, stats] = [
        await serviceOf(scene.running, 'api'),
        await serviceOf(scene.running, 'metrics'),
        await serviceOf(scene.running, 'stats'),
      ];
      const events = await readEvents(t, api, '/v1/events?changes=false');
      const counted = await knownLoad(t, scene);
      const v1 = await settled(api);
      const truth = withLeavers(counted(), v1);
      assert.deepEqual(v1, truth);
      assert.deepEqual(await figuresOfV1(stats, '/stats/v1/stats'), truth);
      const tell = async (): Promise<readonly Figures[]> => [
        await figuresOfGobetween(api),
        await figuresOfMetrics(metrics, truth),
        await figuresOfCsv(stats),
      ];
      for (const told of await tell()) assert.deepEqual(told, asFarAs(told, truth));
      const snapshot = await latest(events);
      assert.deepEqual(figuresOfSnapshot(snapshot), truth);

      const nothing = zeroes(truth);
      assert.equal((await ask(api, '/v1/counters/reset', { method: 'POST' })).status, 200);
      for (const told of [await figuresOfV1(api), ...(await tell())]) assert.deepEqual(told, asFarAs(told, nothing));

      console.log(`\n${engine}: one truth, told by /v1, its events, gobetween's stats, /metrics and the CSV`);
      console.table(
        Object.fromEntries(
          Object.entries(truth).map(([name, { accepted, rx, tx, causes }]) => [
            name,
            { accepted, rx, tx, causes: JSON.stringify(causes) },
          ]),
        ),
      );
    },
  );
}

/** The next snapshot but one: the next may have been taken before. */
async function latest(events: EventReader): Promise<Parameters<typeof figuresOfSnapshot>[0]> {
  await events.until(events.events.length + 2);
  const { servers } = events.events.at(-1)?.data as { servers: Parameters<typeof figuresOfSnapshot>[0] };
  return servers;
}
