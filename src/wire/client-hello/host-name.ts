import { isIPv4 } from 'node:net';

const LONGEST_HOST_NAME = 253;
const ENDS_IN_DIGIT = /\d$/;

/** Bytes of a client as a text that is safe to print: what is no visible ASCII stands as `\xNN`. */
export function visibleText(bytes: Uint8Array): string {
  // Joined: a text that is added to again and again takes V8 fifteen times as much memory, for as long as it is kept.
  return Array.from(bytes, visibleByte).join('');
}

function visibleByte(byte: number): string {
  const isVisible = byte > 0x20 && byte < 0x7f && byte !== 0x5c;
  return isVisible ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}

/**
 * The name that backends are found by: in lower case, without one dot at its end.
 * @param received as visibleText has it
 * @returns '' for what is no host name: an address, nothing, more than 253 bytes, or other than visible ASCII
 */
export function hostNameOf(received: string): string {
  const text = received.endsWith('.') ? received.slice(0, -1) : received;
  if (text.length > LONGEST_HOST_NAME || text.includes('\\') || text.includes(':')) return '';
  // An address of IPv6 has a colon; one of IPv4 ends in a digit, as hardly any name does.
  if (ENDS_IN_DIGIT.test(text) && isIPv4(text)) return '';
  return text.toLowerCase();
}
