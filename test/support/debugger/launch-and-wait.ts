// Usage: launch-and-wait PROGRAM. Stands for a crashmon that is killed, where only ancestors can trace.
import { launchUnderDebugger } from '../../../src/debugger/launch-under-debugger.ts';

const { PATH } = process.env;
console.log('attaching');
const launched = await launchUnderDebugger({
  command: [process.argv[2] ?? ''],
  env: PATH === undefined ? {} : { PATH, MARK: process.env.MARK },
  ownVariables: [],
  stderr: 'inherit',
  stdin: 'inherit',
  onFatal: () => {},
});
await launched?.session;
console.log('attached');
