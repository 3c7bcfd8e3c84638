// Usage: attach-and-wait PID [WATCHDOG]. Stands for a crashmon that is killed.
import { attachDebugger } from '../../../src/debugger/attach-debugger.ts';

const [, , pid, watchdogProgram] = process.argv;
console.log('attaching');
const session = await attachDebugger({
  pid: Number(pid),
  onFatal: () => {
    console.log('held');
    return new Promise(() => {});
  },
  onEvent: ({ type }) => console.log(type),
  holdLimitMs: 60_000,
  ...(watchdogProgram === undefined ? {} : { watchdogProgram }),
});
console.log('failed' in session ? session.message : `attached ${session.debuggerPid}`);
