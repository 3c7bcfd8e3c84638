import { runSelfTest } from '../../debugger/self-test.ts';
import { captureFault } from './capture-fault.ts';

/**
 * Runs the capture's code once: after that it holds a crashing worker a third as long.
 * @param asParent as workers are started where only ancestors can trace
 */
export async function warmUp(asParent: boolean): Promise<void> {
  await runSelfTest({
    launchEnv: asParent ? process.env : undefined,
    onFatal: (snapshot) => captureFault(snapshot, 0, null),
  });
}
