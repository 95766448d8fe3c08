import * as z from 'zod';

import { word } from './values.ts';

const problemSchema = z
  .object({
    path: word('Where; empty for the whole.', 'servers.web.bind'),
    code: word('What sort of fault.', 'TSLB_CONFIG_BIND'),
    message: word('What is wrong, in one line.', '"nowhere" is not an address'),
    expected: word('What would be right there.', 'an address such as ":8080"').optional(),
    suggestion: word('What to write instead.', 'write ":8080"').optional(),
  })
  .meta({ id: 'Problem', description: 'One thing that is wrong in what was sent.' });

export const errorSchema = z
  .object({
    error: z
      .object({
        code: word('Stable, for programs.', 'TSLB_NO_SUCH_SERVER'),
        message: word('For people.', 'there is no server web'),
        problems: z.array(problemSchema).optional().meta({ description: 'All that is wrong with what was sent.' }),
      })
      .meta({ description: 'What went wrong.' }),
  })
  .meta({ id: 'Error', description: 'Why it was not done. Nothing has changed.' });

export type ErrorJson = z.output<typeof errorSchema>;
export type ProblemJson = z.output<typeof problemSchema>;
