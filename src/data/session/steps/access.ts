import { isAllowed } from '../../../access/rules.ts';
import type { ElectionContext } from '../../../core/context.ts';
import type { Step } from '../session.ts';

const context: ElectionContext = { ip: new Uint8Array(16), ipLength: 0 };

/** Lets in a client whose address the access rules allow. */
export const access: Step = {
  enter({ pair, server: { settings, recorder } }) {
    const rules = settings.access;
    if (rules.defaultAllow && rules.rules.length === 0) return 'next';
    pair.readClientIp(context);
    if (isAllowed(rules, context)) return 'next';
    recorder.denied();
    return 'PR';
  },
};
