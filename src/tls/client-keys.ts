import * as z from 'zod';

import { hostFault } from '../config/values/host.ts';
import { checkedText } from '../config/values/texts.ts';

export interface TlsChoice {
  /** The name that the certificate must be for. Absent: the backend's host. */
  readonly serverName?: string;
  readonly isVerified: boolean;
}

const NOT_IN_GOBETWEEN = 'Not in gobetween.';

/** Keys of a kind that asks over TLS, without its name in front. */
export const tlsKeys = {
  serverName: serverName()
    .optional()
    .meta({
      description:
        "The name that the backend's certificate must have. It is sent as SNI, too. Absent: the host of the" +
        ' backend.',
      gobetween: NOT_IN_GOBETWEEN,
    }),
  ignoreVerify: z.boolean().default(false).meta({
    title: 'boolean',
    description: 'Accepts any certificate. Otherwise the system must trust it (see Kinds of healthcheck).',
    gobetween: NOT_IN_GOBETWEEN,
  }),
};

/** The values of those keys, by the names the code uses. */
export function tlsChoice(name: string | undefined, ignoresVerify: boolean): TlsChoice {
  return { ...(name !== undefined && { serverName: name }), isVerified: !ignoresVerify };
}

function serverName() {
  return checkedText((text) => {
    const fault = hostFault(text);
    return fault === undefined ? { value: text } : { faults: [{ code: 'TSLB_CONFIG_VALUE', ...fault }] };
  });
}
