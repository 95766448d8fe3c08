import { defineHealthcheck } from './kind.ts';
import { checkedTarget } from './target.ts';

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
  create: (config, { dialer }) => ({
    async check(target, signal) {
      const { addresses } = checkedTarget(target, config);
      const socket = await dialer.connect(addresses, config.timeoutMs, signal);
      socket.destroy();
    },
  }),
});
