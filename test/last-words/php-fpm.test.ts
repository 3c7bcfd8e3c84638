import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { exitsOf, startRun } from '../agent/run-worker.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Debian names it by its version. */
const PHP_FPM = readdirSync('/usr/sbin').find((name) => /^php-fpm\d/.test(name)) ?? 'php-fpm';

const PAGE = `<?php
function f(string $card) { throw new RuntimeException("CANARY"); }
f("4111");
`;

function configuration(directory: string): string {
  return `[global]
error_log = /dev/stderr
daemonize = no
[www]
user = ${userInfo().username}
listen = ${directory}/fpm.sock
pm = static
pm.max_children = 1
catch_workers_output = yes
php_admin_value[error_log] = /dev/stderr
php_admin_flag[log_errors] = on
`;
}

/** php-fpm cannot open `/dev/stderr` if that is a socket, and ends with exit code 78. */
test('php-fpm logs to /dev/stderr, and an exception in a request is not a crash', async () => {
  await using state = await stateDirectory();
  await using directory = await temporaryDirectory('php-fpm');
  const file = (name: string) => path.join(directory.path, name);
  await writeFile(file('fpm.conf'), configuration(directory.path));
  await writeFile(file('page.php'), PAGE);
  const command = [
    path.join('/usr/sbin', PHP_FPM),
    '--nodaemonize',
    '--allow-to-run-as-root',
    '-n',
    '-y',
    file('fpm.conf'),
  ];
  await using agent = startRun({ stateDir: state.path, options: ['--restart', 'never'], command });
  await agent.waitForLine('stderr', /ready to handle connections/);
  await request(file('fpm.sock'), file('page.php'));
  await agent.waitForLine('stderr', /thrown in .*page\.php on line 2/);
  agent.kill('SIGTERM');
  const { stderr } = await agent.exited;
  assert.match(stderr, /Uncaught RuntimeException: CANARY/);
  assert.deepEqual(
    exitsOf(state.path).map(({ counted }) => counted),
    [false],
  );
  await assertNothingLeft(state.path);
});

/** Sends one request in FastCGI, and waits for the end of the response. */
async function request(socket: string, script: string): Promise<void> {
  const client = connect(socket);
  const params = Object.entries({ SCRIPT_FILENAME: script, REQUEST_METHOD: 'GET', REQUEST_URI: '/' }).map(
    ([name, value]) => Buffer.concat([Buffer.from([name.length, value.length]), Buffer.from(name + value)]),
  );
  const begin = Buffer.from([0, 1, 0, 0, 0, 0, 0, 0]);
  for (const [type, body] of [
    [1, begin],
    [4, Buffer.concat(params)],
    [4, Buffer.alloc(0)],
    [5, Buffer.alloc(0)],
  ] as const) {
    client.write(
      Buffer.concat([Buffer.from([1, type, 0, 1, body.length >> 8, body.length & 255, 0, 0]), body]),
    );
  }
  for await (const _ of client);
}
