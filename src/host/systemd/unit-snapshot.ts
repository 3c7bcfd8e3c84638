/** Properties of a service and its unit at one moment, as systemd's D-Bus interface has them. Times in microseconds. */
export type UnitSnapshot = {
  invocationId: string;
  activeState: string;
  subState: string;
  /** systemd is about to start, stop or restart it. */
  hasJob: boolean;
  mainPid: number;
  execMainPid: number;
  /** `CLD_EXITED` 1, `CLD_KILLED` 2, `CLD_DUMPED` 3; 0 while it runs. */
  execMainCode: number;
  execMainStatus: number;
  execMainStartUs: number;
  execMainExitUs: number;
  result: string;
  restarts: number;
};

/**
 * Nothing else is asked for: other properties hold environments and arguments. In this order: a process that lives when its exit
 * is asked for lived when NRestarts was.
 */
export const SERVICE_PROPERTIES = [
  'NRestarts',
  'MainPID',
  'ExecMainPID',
  'ExecMainCode',
  'ExecMainStatus',
  'ExecMainStartTimestamp',
  'ExecMainExitTimestamp',
  'Result',
] as const;
export const UNIT_PROPERTIES = ['InvocationID', 'ActiveState', 'SubState', 'Job'] as const;

/** Values by their names, of any types. */
export type Properties = Readonly<Record<string, unknown>>;

/** Reads both halves; what is missing or of another type is 0 or empty. */
export function toSnapshot(service: Properties, unit: Properties): UnitSnapshot {
  return {
    invocationId: toHex(unit.InvocationID),
    activeState: toText(unit.ActiveState),
    subState: toText(unit.SubState),
    // (id, path)
    hasJob: Array.isArray(unit.Job) && toNumber(unit.Job[0]) !== 0,
    mainPid: toNumber(service.MainPID),
    execMainPid: toNumber(service.ExecMainPID),
    execMainCode: toNumber(service.ExecMainCode),
    execMainStatus: toNumber(service.ExecMainStatus),
    execMainStartUs: toNumber(service.ExecMainStartTimestamp),
    execMainExitUs: toNumber(service.ExecMainExitTimestamp),
    result: toText(service.Result),
    restarts: toNumber(service.NRestarts),
  };
}

/** `/org/freedesktop/systemd1/unit/shop_2eservice` is `shop.service`. */
export function unitOfPath(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.replaceAll(/_([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function toNumber(value: unknown): number {
  return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : 0;
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function toHex(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : '';
}
