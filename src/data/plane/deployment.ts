import type { SocketAddress } from '../../core/address.ts';
import type { ClientTable } from '../../ledger/client-table.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import type {
  AccessLogFormat,
  FailureReport,
  LogFields,
  ServerSpec,
  ShortageReport,
  ThreadLogLevel,
} from '../protocol/messages.ts';

/** One server as the control plane deploys it: its spec, but with the whole ledger. */
export type Deployment = Omit<ServerSpec, 'binds' | 'ledger' | 'clients'> & {
  /** Host names are resolved already. */
  readonly binds: readonly SocketAddress[];
  readonly ledger: ServerLedger;
  /** Where clients are counted; once it is there it stays. */
  readonly clients?: ClientTable | undefined;
};

export interface DataPlaneOptions {
  /** Threads at most, of each engine. */
  readonly threads: number;
  readonly observe: Observe;
  readonly onLog: (level: ThreadLogLevel, message: string, fields: LogFields) => void;
  readonly onAccessLines: (lines: string) => void;
  /** No thread will elect from a snapshot of this server before this version any more. */
  readonly onApplied: (server: number, version: number) => void;
  readonly onFailure: (report: FailureReport) => void;
  readonly onShortage: (report: ShortageReport) => void;
}

export interface Observe {
  readonly debug: boolean;
  readonly accessLog: AccessLogFormat | undefined;
}
