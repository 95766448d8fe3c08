import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseAb, parseAbPercentiles } from '../../scripts/bench/ab.ts';

const REPORT = `
Document Path:          /page
Document Length:        112 bytes

Concurrency Level:      100
Time taken for tests:   0.482 seconds
Complete requests:      30000
Failed requests:        2
   (Connect: 0, Receive: 0, Length: 2, Exceptions: 0)
Non-2xx responses:      1
Keep-Alive requests:    29999
Total transferred:      9600000 bytes
HTML transferred:       3360000 bytes
Requests per second:    62240.66 [#/sec] (mean)
Time per request:       1.607 [ms] (mean)
Transfer rate:          19450.21 [Kbytes/sec] received

Percentage of the requests served within a certain time (ms)
  50%      1
  99%     21
 100%     44 (longest request)
`;

test('what ab reports is read by its labels', () => {
  assert.deepEqual(parseAb(REPORT), {
    complete: 30_000,
    failed: 2,
    non2xx: 1,
    keepAlive: 29_999,
    perSecond: 62_240.66,
    transferKbPerSecond: 19_450.21,
    bodyBytes: 3_360_000,
    percentiles: new Map([
      ['50%', 1],
      ['99%', 21],
      ['100%', 44],
    ]),
  });
});

test('the lines that ab leaves out when all went well are 0', () => {
  const { non2xx, keepAlive } = parseAb(REPORT.replace(/^Non-2xx.*\n/m, '').replace(/^Keep-Alive.*\n/m, ''));
  assert.deepEqual({ non2xx, keepAlive }, { non2xx: 0, keepAlive: 0 });
});

test("ab's file has the percentiles with their microseconds", () => {
  const percentiles = parseAbPercentiles('Percentage served,Time in ms\n0,0.305\n50,1.041\n99,20.770\n100,43.853\n');
  assert.deepEqual([percentiles.get('50%'), percentiles.get('99%'), percentiles.get('100%')], [1.041, 20.77, 43.853]);
});
