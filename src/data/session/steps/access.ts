import { isAllowed } from '../../../access/rules.ts';
import { contextOf } from '../client-context.ts';
import type { Step } from '../session.ts';

/** Lets in a client whose address the access rules allow. */
export const access: Step = {
  enter({ clientAddress, server: { settings, recorder } }) {
    const rules = settings.access;
    if (rules.defaultAllow && rules.rules.length === 0) return 'next';
    if (isAllowed(rules, contextOf(clientAddress))) return 'next';
    recorder.denied();
    return 'PR';
  },
};
