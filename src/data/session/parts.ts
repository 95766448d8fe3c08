import type { Engine } from '../../core/engine.ts';
import type { Listed } from '../../core/roster.ts';
import type { Admission } from './admission.ts';
import type { OutlierDetection } from './outlier-detection.ts';
import type { Picker } from './picker.ts';
import type { SessionRecorder } from './recorder.ts';
import type { ServerSettings } from './settings.ts';
import type { WaitQueue } from './wait-queue.ts';

/** What the connections of a server use of it: one frozen object for all of them. */
export interface ServerParts {
  readonly name: string;
  readonly clock: Pick<Engine, 'now'>;
  readonly settings: ServerSettings;
  readonly admission: Admission;
  readonly picker: Picker;
  readonly waitQueue: WaitQueue;
  readonly outliers: OutlierDetection;
  readonly recorder: SessionRecorder;
  /** To be called last, once for each connection. */
  readonly left: (connection: Listed) => void;
}
