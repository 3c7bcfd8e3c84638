/** One TCP socket of `/proc/net/tcp` or `tcp6` (proc_net_tcp(5)). */
export type TcpSocket = {
  /** Both addresses. One that changes its state while the table is read can be there twice. */
  ends: string;
  localPort: number;
  state: number;
  /** 0: no process has it any more. */
  inode: number;
  /** Of one that the kernel keeps after its end: how long it will be kept; otherwise null. */
  leftMs: number | null;
};

export const TCP_ESTABLISHED = 1;
export const TCP_FIN_WAIT1 = 4;
export const TCP_FIN_WAIT2 = 5;
export const TCP_TIME_WAIT = 6;
export const TCP_LISTEN = 10;
export const TCP_CLOSING = 11;

const ROW =
  /^ *\d+: ([0-9A-F]{8,32}:([0-9A-F]{4}) [0-9A-F]{8,32}:[0-9A-F]{4}) ([0-9A-F]{2}) \S+ (\d\d):([0-9A-F]+) \S+ +\d+ +\d+ (\d+)/;
/** `TIME_WAIT` and what follows a `FIN_WAIT2` without an owner. */
const KEPT = 3;
/** Ticks of times in /proc. */
const TICK_MS = 10;

/** All rows that can be read; the last may be cut off. */
export function parseTcpTable(text: string): TcpSocket[] {
  return text.split('\n').flatMap((line) => {
    const [, ends = '', port = '', state = '', timer = '', left = '', inode = ''] = ROW.exec(line) ?? [];
    if (port === '') return [];
    return {
      ends,
      localPort: Number.parseInt(port, 16),
      state: Number.parseInt(state, 16),
      inode: Number(inode),
      leftMs: Number(timer) === KEPT ? Number.parseInt(left, 16) * TICK_MS : null,
    };
  });
}
