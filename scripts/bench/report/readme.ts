import { type Findings, machineText, threadsText } from './findings.ts';
import { Summary } from './summary.ts';
import { outcomes, targetsTable } from './targets.ts';

/** Between these lines README.md has what the bench has found; the rest of it is written by hand. */
const BEGIN = '<!-- bench: written by npm run bench -->';
const END = '<!-- bench: end -->';

/** The charts and the ratios. @param folder where the charts are, as seen from README.md */
export function readmeBlock({ machine, plan, results }: Findings, folder: string): string {
  const summary = new Summary(results);
  const parts = plan.scale.threads.map((threads) => {
    const title = `Cost with ${threadsText(threads)}, as a multiple of the better of HAProxy and nginx`;
    return `![${title}](${folder}/ratios-${threads}.svg)\n\nWith ${threadsText(threads)}:\n\n${targetsTable(outcomes(summary, threads))}`;
  });
  return `Medians over ${plan.scale.rounds} rounds. ${machineText(machine)}\n\n${parts.join('\n')}`;
}

/** @throws Error when the text has no place for it */
export function withBlock(text: string, block: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md has no place for the figures: no ${BEGIN} … ${END}`);
  return `${text.slice(0, begin)}${BEGIN}\n\n${block.trim()}\n\n${text.slice(end)}`;
}
