import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runtimeFiles } from './runtime-files.ts';

const java = (command: string, env = {}) =>
  runtimeFiles({ runtime: 'java', executable: '/usr/bin/java', args: command.split(' ') }, 7, env).map(
    ({ paths }) => paths,
  );
const LOGS = ['hs_err_pid7.log', '/tmp/hs_err_pid7.log'];

describe('files that runtimes write at their end', () => {
  test('of a JVM are where its options say, also those of the environment, else in its directory', () => {
    assert.deepEqual(java('java -jar shop.jar -XX:HeapDumpPath=/of-the-app'), [['java_pid7.hprof'], LOGS]);
    assert.deepEqual(java('java -XX:HeapDumpPath=/var/dumps -XX:ErrorFile=/var/%p.log Shop'), [
      ['/var/dumps/java_pid7.hprof', '/var/dumps'],
      ['/var/7.log', ...LOGS],
    ]);
    const env = { JAVA_TOOL_OPTIONS: ' -Xmx1g  -XX:HeapDumpPath=/env ' };
    assert.deepEqual(java('java Shop', env)[0], ['/env/java_pid7.hprof', '/env']);
    assert.equal(java('java -XX:HeapDumpPath=/own Shop', env)[0]?.[1], '/own');
  });

  test('of .NET is where its variable says, as documented', () => {
    const program = {
      runtime: 'dotnet',
      executable: '/usr/bin/dotnet',
      args: ['dotnet', 'shop.dll'],
    } as const;
    const paths = (env: Record<string, string>) => runtimeFiles(program, 7, env)[0]?.paths;
    assert.deepEqual(paths({}), ['/tmp/coredump.7']);
    assert.equal(paths({ DOTNET_DbgMiniDumpName: '/var/%e-%p-%%' })?.[0], '/var/dotnet-7-%');
    assert.equal(paths({ COMPlus_DbgMiniDumpName: '/var/%d' })?.[0], '/var/7');
  });

  test('other runtimes write none', () => {
    assert.deepEqual(
      runtimeFiles({ runtime: 'python', executable: '/usr/bin/python3', args: [] }, 7, {}),
      [],
    );
  });
});
