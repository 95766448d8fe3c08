import { clientAddressText } from '../../wire/client-address.ts';
import type { ProxySummary } from './access-log.ts';
import { uniqueIdOf } from './proxy-out.ts';
import type { Session } from './session.ts';

const NO_PROXY: ProxySummary = Object.freeze({});

export function proxySummary(session: Session): ProxySummary {
  const { pair, clientAddress, proxyTlvs, server } = session;
  const hasId = proxyTlvs.uniqueId !== undefined || server.settings.limits.proxyOut?.tlvs.includes('unique_id');
  if (hasId !== true && clientAddress === pair.clientAddress && proxyTlvs.authority === undefined) return NO_PROXY;
  return {
    ...(clientAddress !== pair.clientAddress && { peer: clientAddressText(pair.clientAddress) }),
    ...(hasId === true && { uniqueId: printable(uniqueIdOf(session)) }),
    ...(proxyTlvs.authority !== undefined && {
      authority: proxyTlvs.authority.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?'),
    }),
  };
}

/** @param bytes a character for each */
function printable(bytes: string): string {
  return /^[\x21-\x7e]+$/.test(bytes) ? bytes : `0x${Buffer.from(bytes, 'latin1').toString('hex')}`;
}
