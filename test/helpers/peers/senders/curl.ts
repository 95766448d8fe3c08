import { printed } from '../program.ts';
import type { SenderKind } from '../sender.ts';
import { addressText } from '../../../../src/core/address.ts';

/** The client itself says its own address. */
export const curlSender: SenderKind = {
  name: 'curl `--haproxy-protocol`',
  program: 'curl',
  version: async () => /^curl (\S+)/.exec(await printed('curl', ['--version']))?.[1] ?? '',
  async ask(listener, from) {
    const options = ['--silent', '--show-error', '--haproxy-protocol', '--interface', from];
    return (
      /client=(\S+)/.exec(await printed('curl', [...options, `http://${addressText(listener)}/client`]))?.[1] ?? ''
    );
  },
  start: (_t, target) => Promise.resolve({ inet: target }),
};
