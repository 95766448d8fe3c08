import type { Style } from '../text/style.ts';
import { connectionTable } from './connection-table.ts';
import { footLines } from './foot.ts';
import { headLines } from './head.ts';
import { HELP_LINES } from './help.ts';
import { FOOT_LINES, HEAD_LINES, pageOf } from './layout.ts';
import { type Line, painted } from './line.ts';
import { serverTable } from './server-table.ts';
import type { TopState } from './state.ts';

/**
 * The whole screen, from top to bottom: as many lines as it has rows, none wider than it is.
 * @param now in milliseconds since the epoch
 */
export function screenOf(state: TopState, now: number, style: Style): readonly string[] {
  const { rows, columns } = state.size;
  const body = bodyLines(state).slice(0, Math.max(0, rows - (HEAD_LINES - 1) - FOOT_LINES));
  const blank: Line = { spans: [] };
  const filling = Array.from({ length: Math.max(0, rows - (HEAD_LINES - 1) - body.length - FOOT_LINES) }, () => blank);
  const lines = [...headLines(state, now), ...body, ...filling, ...footLines(state)];
  return lines.slice(0, rows).map((line) => painted(line, columns, style));
}

/** The titles, and as many rows as fit. */
function bodyLines(state: TopState): readonly Line[] {
  if (state.hasHelp) return HELP_LINES;
  const page = pageOf(state.size);
  if (state.view === 'connections' && state.connections !== undefined) return connectionTable(state.connections, page);
  return serverTable(state, page);
}
