import { join } from 'node:path';

import { HOST } from '../bench/ports.ts';
import { BALANCERS } from '../bench/subjects/registry.ts';
import type { Subject } from '../bench/subjects/subject.ts';

/** To show so many backends would count for connections that do not go to them. */
const MANY = 100;

/** Where a tslb can be looked at. */
export interface Sights {
  /** Of the stats page: browsers know no unix sockets. */
  readonly pagePort: number;
  readonly api: string;
  readonly metrics: string;
}

export function sightsIn(folder: string, pagePort: number): Sights {
  return { pagePort, api: join(folder, 'api.sock'), metrics: join(folder, 'metrics.sock') };
}

/** The bench's tslb with the epoll engine, which serves all that can be looked at. */
export function watchable({ pagePort, api, metrics }: Sights): Subject {
  const services = `[api]
enabled = true
bind = "unix:${api}"

[metrics]
enabled = true
bind = "unix:${metrics}"

[stats]
enabled = true
bind = "${HOST}:${pagePort}"

`;
  return {
    ...BALANCERS.epoll,
    config: (layout) => {
      const few = layout.services.filter(({ backends }) => backends.length < MANY);
      return services + BALANCERS.epoll.config({ ...layout, services: few });
    },
  };
}
