/** The columns of HAProxy 2.6, in its order. From `-` on they are of its TLS, HTTP/2 and HTTP/1, and stay empty here. */
export const CSV_COLUMNS = [
  ...(['pxname', 'svname', 'qcur', 'qmax', 'scur', 'smax', 'slim', 'stot', 'bin', 'bout', 'dreq', 'dresp'] as const),
  ...(['ereq', 'econ', 'eresp', 'wretr', 'wredis', 'status', 'weight', 'act', 'bck', 'chkfail', 'chkdown'] as const),
  ...(['lastchg', 'downtime', 'qlimit', 'pid', 'iid', 'sid', 'throttle', 'lbtot', 'tracked', 'type'] as const),
  ...(['rate', 'rate_lim', 'rate_max', 'check_status', 'check_code', 'check_duration', 'hrsp_1xx'] as const),
  ...(['hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other', 'hanafail', 'req_rate'] as const),
  ...(['req_rate_max', 'req_tot', 'cli_abrt', 'srv_abrt', 'comp_in', 'comp_out', 'comp_byp', 'comp_rsp'] as const),
  ...(['lastsess', 'last_chk', 'last_agt', 'qtime', 'ctime', 'rtime', 'ttime', 'agent_status'] as const),
  ...(['agent_code', 'agent_duration', 'check_desc', 'agent_desc', 'check_rise', 'check_fall'] as const),
  ...(['check_health', 'agent_rise', 'agent_fall', 'agent_health', 'addr', 'cookie', 'mode', 'algo'] as const),
  ...(['conn_rate', 'conn_rate_max', 'conn_tot', 'intercepted', 'dcon', 'dses', 'wrew', 'connect'] as const),
  ...(['reuse', 'cache_lookups', 'cache_hits', 'srv_icur', 'src_ilim', 'qtime_max', 'ctime_max'] as const),
  ...(['rtime_max', 'ttime_max', 'eint', 'idle_conn_cur', 'safe_conn_cur', 'used_conn_cur'] as const),
  ...(['need_conn_est', 'uweight', 'agg_server_status', 'agg_server_check_status', 'agg_check_status'] as const),
  ...(['-', 'ssl_sess', 'ssl_reused_sess', 'ssl_failed_handshake', 'h2_headers_rcvd', 'h2_data_rcvd'] as const),
  ...(['h2_settings_rcvd', 'h2_rst_stream_rcvd', 'h2_goaway_rcvd'] as const),
  ...(['h2_detected_conn_protocol_errors', 'h2_detected_strm_protocol_errors', 'h2_rst_stream_resp'] as const),
  ...(['h2_goaway_resp', 'h2_open_connections', 'h2_backend_open_streams', 'h2_total_connections'] as const),
  ...(['h2_backend_total_streams', 'h1_open_connections', 'h1_open_streams', 'h1_total_connections'] as const),
  ...(['h1_total_streams', 'h1_bytes_in', 'h1_bytes_out', 'h1_spliced_bytes_in', 'h1_spliced_bytes_out'] as const),
];

export type CsvColumn = (typeof CSV_COLUMNS)[number];
/** Absent columns are empty. */
export type CsvRow = Readonly<Partial<Record<CsvColumn, string | number>>>;

/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@]/;

/** A comma after each field, the last one too, as HAProxy writes it. */
export function csvText(rows: readonly CsvRow[]): string {
  const lines = rows.map((row) => CSV_COLUMNS.map((column) => `${field(column, row[column])},`).join(''));
  return [`# ${CSV_COLUMNS.join(',')},`, ...lines, ''].join('\n');
}

function field(column: CsvColumn, value: string | number | undefined): string {
  if (column === '-') return '-';
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const line = value.replaceAll(/\p{Cc}+/gu, ' ');
  const harmless = FORMULA.test(line) ? `'${line}` : line;
  return /[",]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
