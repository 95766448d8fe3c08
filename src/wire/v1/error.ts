import * as z from 'zod';

import { word } from './values.ts';

const problemSchema = z
  .object({
    path: word('The path of the value; empty for the whole body.', 'servers.web.bind'),
    code: word('The code of the fault.', 'TSLB_CONFIG_BIND'),
    message: word('What is wrong, in one line.', '"nowhere" is not an address'),
    expected: word('What is expected there.', 'an address such as ":8080"').optional(),
    suggestion: word('What to write instead.', 'write ":8080"').optional(),
  })
  .meta({ id: 'Problem', description: 'One fault of the request.' });

export const errorSchema = z
  .object({
    error: z
      .object({
        code: word('Stable, for programs.', 'TSLB_NO_SUCH_SERVER'),
        message: word('For people.', 'there is no server web'),
        problems: z.array(problemSchema).optional().meta({ description: 'All faults of the request.' }),
      })
      .meta({ description: 'What went wrong.' }),
  })
  .meta({ id: 'Error', description: 'Why the request failed. Nothing has changed.' });

export type ErrorJson = z.output<typeof errorSchema>;
export type ProblemJson = z.output<typeof problemSchema>;
