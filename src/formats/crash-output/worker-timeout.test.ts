import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasTimedOut } from './worker-timeout.ts';

/** As they were printed, or as their sources print them. */
const LINES: Readonly<Record<string, string>> = {
  gunicorn: '[2026-11-28 19:41:30 +0000] [26427] [CRITICAL] WORKER TIMEOUT (pid:4711)',
  unicorn: 'E, [2026-11-28T19:41:30.1 #1] ERROR -- : worker=0 PID:4711 timeout (61s > 60s), killing',
  puma: '[26427] ! Terminating timed out worker (worker failed to check in within 60 seconds): 4711',
  'php-fpm':
    '[28-Nov-2026 19:41:30] WARNING: [pool www] child 4711, script \'/srv/a.php\' (request: "GET /a") execution timed out (5.1 sec), terminating',
};

for (const [master, line] of Object.entries(LINES)) {
  test(`${master} names the worker that it ends`, () => {
    assert.equal(hasTimedOut(`before\n${line}\nafter\n`, master, 4711), true);
    assert.equal(hasTimedOut(line, master, 4711), true);
    for (const pid of [471, 711, 47110]) assert.equal(hasTimedOut(`${line}\n`, master, pid), false);
    assert.equal(hasTimedOut(line, 'node cluster', 4711), false);
  });
}
