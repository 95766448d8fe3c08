/** gobetween's levels in order: each shows its own records and those of the levels before it. */
export const LOG_LEVELS = ['panic', 'fatal', 'error', 'warn', 'warning', 'info', 'debug', 'trace'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export type PinoLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** pino has no panic, and one word for a warning. */
export function pinoLevel(level: LogLevel): PinoLevel {
  switch (level) {
    case 'panic':
      return 'fatal';
    case 'warning':
      return 'warn';
    default:
      return level;
  }
}

/** The word of a level in a log line: gobetween writes `warning`. */
export function levelWord(label: string): string {
  return label === 'warn' ? 'warning' : label;
}
