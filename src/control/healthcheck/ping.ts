import { dial } from '../../io/dial.ts';
import { defineHealthcheck } from './kind.ts';
import { checkedAddress } from './target.ts';

/** Connects and closes. */
export const ping = defineHealthcheck({
  kind: 'ping',
  summary: 'Passes when a connection can be opened; it is closed at once.',
  samples: [
    `
[servers.web.healthcheck]
kind = "ping"
interval = "2s"
timeout = "500ms"
fails = 3
passes = 2
`,
  ],
  keys: {},
  configure: () => ({}),
  create: (config, { lookups }) => ({
    async check(target, signal) {
      const socket = await dial(checkedAddress(target, config), lookups, signal);
      socket.destroy();
    },
  }),
});
