import type { ConnectionStatus } from '../../../core/connection-list.ts';
import type { ConnectionJson } from '../../../wire/v1/connection.ts';
import { rounded } from './rounded.ts';

export function connectionJson(connection: ConnectionStatus): ConnectionJson {
  const { id, server, client, backend, stage, ageMs, queueMs, rxBytes, txBytes, tried, tlsName } = connection;
  return {
    id,
    server,
    client,
    ...(backend !== undefined && { backend }),
    stage,
    age_ms: rounded(ageMs),
    queue_ms: rounded(queueMs),
    rx: rxBytes,
    tx: txBytes,
    tried: [...tried],
    ...(tlsName !== undefined && { tls_name: tlsName }),
  };
}
