import { defineHealthcheck } from './kind.ts';
import { checkedTarget } from './target.ts';

/** Connects and closes. */
export const ping = defineHealthcheck({
  kind: 'ping',
  summary:
    'Passes when a connection can be opened; it is closed at once, after the PROXY header where' + ' backends get one.',
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
      const socket = await dialer.connect(checkedTarget(target, config), config.timeoutMs, signal);
      socket.destroy();
    },
  }),
});
