import { signal } from '@preact/signals';

/** An action that the operator has to confirm. */
export interface Command {
  readonly title: string;
  /** What it does, and to which server, backend or connection. */
  readonly explains: string;
  /** On the button that does it. */
  readonly verb: string;
  /** Whether it cuts or takes away something. */
  readonly isHarmful?: boolean;
  readonly fields?: readonly Field[];
  /** For a command that takes long: the page does not wait for it, and says this meanwhile. */
  readonly underWay?: (values: Values) => string;
  /** @returns what was done. @throws ApiError, or Error for what was typed */
  readonly run: (values: Values) => Promise<string>;
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'number' | 'lines' | 'choice';
  readonly value: string;
  readonly hint?: string;
  readonly choices?: readonly string[];
  /** The regular expression that the text must match; the hint explains it. */
  readonly pattern?: string;
  readonly isRequired?: boolean;
}

export type Values = Readonly<Record<string, string>>;

/** The command that waits for a confirmation. */
export const asked = signal<Command | undefined>(undefined);

/** The result of the last command, in words. */
export interface Notice {
  readonly text: string;
  readonly isFailure?: boolean;
}

export const notice = signal<Notice | undefined>(undefined);
