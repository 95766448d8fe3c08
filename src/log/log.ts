import { type Logger, pino, stdTimeFunctions } from 'pino';

import { errorFields } from './error-fields.ts';
import { levelWord, type LogLevel, pinoLevel } from './level.ts';
import { type LineSink, openLineSink } from './line-sink.ts';
import { type LogOutput, outputKey } from './output.ts';
import { textLine } from './text.ts';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly level: LogLevel;
  readonly output: LogOutput;
  readonly format: LogFormat;
}

/** `text` for people, `json` for one object a line. */
export type LogFormat = 'text' | 'json';

/** The program's log: made once by the command line, handed down to the parts as named loggers. */
export interface Log {
  readonly root: Logger;
  /** A logger with gobetween's kind of name, as `server` or `discovery`. Follows later changes of level and output. */
  child(name: string): Logger;
  setLevel(level: LogLevel): void;
  /** After a reload. @throws TslbError TSLB_LOG_OUTPUT; nothing is changed then */
  configure(options: LogOptions): void;
  /** After logrotate moved the file. @throws TslbError TSLB_LOG_OUTPUT; the old file stays in use then */
  reopen(): void;
  /** Resolves when the lines so far are written, or after two seconds. */
  flush(): Promise<void>;
  /** For the last words before a crash. */
  flushSync(): void;
  /** Flushes and closes; what is logged after it is lost. */
  close(): Promise<void>;
}

/** @throws TslbError TSLB_LOG_OUTPUT when the output cannot be opened */
export function createLog(options: LogOptions): Log {
  let { output, format } = options;
  let sink: LineSink = openLineSink(output);

  const root: Logger = pino(
    {
      level: pinoLevel(options.level),
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: levelWord(label) }) },
      serializers: { err: (error: unknown) => errorFields(error, root.isLevelEnabled('debug')) },
    },
    { write: (json: string) => void sink.write(format === 'json' ? json : textLine(json)) },
  );

  function setLevel(level: LogLevel): void {
    root.level = pinoLevel(level);
  }

  return {
    root,
    child: (name) => root.child({ name }),
    setLevel,
    configure(next) {
      if (outputKey(next.output) !== outputKey(output)) {
        const old = sink;
        sink = openLineSink(next.output);
        void old.close();
      }
      ({ output, format } = next);
      setLevel(next.level);
    },
    reopen: () => sink.reopen(),
    flush: () => sink.flush(),
    flushSync: () => sink.flushSync(),
    close: () => sink.close(),
  };
}
