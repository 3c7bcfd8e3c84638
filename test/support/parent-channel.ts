import { type ChildProcess, fork, type SerializationType } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { CHECKOUT } from './crashmon.ts';

const WORKER = path.join(CHECKOUT, 'test', 'fixtures', 'parent', 'talks-to-parent.cjs');

export type Conversation = {
  /** crashmon's entry; none for a worker that is started without. */
  entry?: string;
  options?: readonly string[];
  env: NodeJS.ProcessEnv;
  serialization: SerializationType;
  crashes?: number;
  /** Which of the two disconnects. */
  leaves: 'parent' | 'worker';
};

/** What a parent sees that starts a worker as Node starts a child, asks it for everything a channel can do, and leaves. */
export async function talk(conversation: Conversation): Promise<unknown[]> {
  const { entry, options = [], env, serialization, crashes = 0, leaves } = conversation;
  const worker = [WORKER, 'an argument'];
  const [script = '', ...args] =
    entry === undefined
      ? worker
      : [
          'run',
          '--name',
          'app',
          '--quiet',
          '--restart-delay',
          '0',
          ...options,
          '--',
          process.execPath,
          ...worker,
        ];
  const execPath = entry ?? process.execPath;
  const child = fork(script, args, { execPath, execArgv: [], env, serialization, silent: true });
  const exited = once(child, 'exit');
  const said = text(child.stdout as NodeJS.ReadableStream);
  const complaints = text(child.stderr as NodeJS.ReadableStream);
  const seen: unknown[] = [];
  try {
    seen.push(await message(child));
    for (let crash = 0; crash < crashes; crash++) {
      child.send('crash');
      await message(child);
    }
    child.send({ question: ['ü', 1.5, serialization === 'advanced' ? new Map([[1, 2n]]) : null] });
    seen.push(await message(child));
    seen.push(await served(child));
    const disconnected = once(child, 'disconnect');
    if (leaves === 'parent') child.disconnect();
    else child.send('disconnect');
    await disconnected;
    seen.push('disconnected', ...(await exited), await said);
    return seen;
  } catch (error) {
    child.kill('SIGTERM');
    throw new Error(`${error}: ${await complaints}`, { cause: error });
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

/** Rejects where the child ends first. */
async function message(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`it ended with ${code} instead of answering`);
  });
  ended.catch(() => {});
  try {
    return (await Promise.race([once(child, 'message', { signal }), ended]))[0];
  } finally {
    over.abort();
  }
}

/** A listening socket goes to the worker, which answers on it. */
async function served(child: ChildProcess): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  child.send('serve', server);
  await message(child);
  server.close();
  return await text(connect(port, '127.0.0.1'));
}
