import { join } from 'node:path';

import { type AbLoad, type AbReport, cleanAb } from '../ab.ts';
import type { Figure, Measurement } from '../figures.ts';
import type { Lab, Open } from '../lab.ts';
import { HOST } from '../ports.ts';
import type { Scale } from '../scale.ts';
import type { ProgramName, ServiceName } from '../subjects/subject.ts';

/** What a work has to do with. */
export interface Bench {
  /** The way that is measured, which stays open from one work to the next. */
  readonly open: Open;
  readonly threads: number;
  readonly scale: Scale;
  readonly lab: Lab;
  readonly signal: AbortSignal;
}

export interface Work {
  readonly title: string;
  readonly needs: readonly ProgramName[];
  /** That it goes through; besides `web`, which all have. */
  readonly services: readonly ServiceName[];
  /** False where there is nothing to learn without a balancer. */
  readonly isForDirect: boolean;
  /** True where more threads have nothing to share: the datagrams of an address are one thread's. */
  readonly isForOneThread?: boolean;
  /** @throws Error when anything failed: a figure with failures in it is none */
  measure(bench: Bench): Promise<Measurement>;
}

export function urlOf({ open }: Bench, service: ServiceName, path: string): string {
  return `http://${HOST}:${open.port(service)}/${path}`;
}

/** A run of `ab` in which nothing failed, and the processor time that it cost the balancer. */
export async function loadByAb(
  { open, lab, signal }: Bench,
  load: AbLoad,
): Promise<{ readonly report: AbReport; readonly cpuS: number }> {
  const before = open.cpuSeconds();
  const report = await cleanAb(load, join(lab.folder, 'percentiles.csv'), signal);
  return { report, cpuS: open.cpuSeconds() - before };
}

/** The figure, or nothing where no balancer stands in between. */
export function cpuFigure(name: Figure, { open }: Bench, value: number): Measurement {
  return open.name === 'direct' ? {} : { [name]: value };
}
