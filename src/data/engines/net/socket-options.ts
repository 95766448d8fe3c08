/** A stream hands on 64 KiB at a time; a mark just above lets one such chunk pass without pausing the other side. */
const HIGH_WATER_MARK = 64 * 1024 + 1;

/** No delay, as gobetween has it; and both directions end on their own. */
export const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  noDelay: true,
  highWaterMark: HIGH_WATER_MARK,
} as const;
