import type { TelemetryRecord } from '../../model/telemetry.ts';

/** `eventName` of each type of record; `app.crash` is OpenTelemetry's own, the rest is crashmon's. */
export const EVENT_NAMES = {
  crash: 'app.crash',
  capture: 'crashmon.capture',
  back: 'crashmon.back',
  state: 'crashmon.state',
  heartbeat: 'crashmon.heartbeat',
  loss: 'crashmon.loss',
} as const satisfies Record<TelemetryRecord['type'], string>;
