import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../test/support/journal/temporary-directory.ts';
import { finalCommand } from './final-command.ts';

test('the command that does the work is found behind what starts it', () => {
  using directory = temporaryDirectory();
  const scripts = {
    start: 'npm run build && npm run serve',
    build: 'tsc',
    serve: 'NODE_ENV=production cross-env PORT=1 nodemon "my app.js" | pino-pretty',
    loop: 'npm run loop',
    python: 'exec python3 app.py; exit 1',
  };
  writeFileSync(join(directory.path, 'package.json'), JSON.stringify({ scripts }));
  for (const [command, expected] of [
    ['node app.js', ['node', 'app.js']],
    ['npm start', ['nodemon', 'my app.js']],
    ['yarn serve', ['nodemon', 'my app.js']],
    ['npm run loop', ['npm', 'run', 'loop']],
    ['pnpm run python', ['python3', 'app.py']],
    ['npm --silent run build', ['tsc']],
    ['env -u HOME A=1 nice -n 5 node app.js', ['node', 'app.js']],
    ['tini -- node app.js', ['node', 'app.js']],
    ['npx --no tsx app.ts', ['tsx', 'app.ts']],
    ['pnpm exec node app.js', ['node', 'app.js']],
    ['npm run missing', ['npm', 'run', 'missing']],
    ['bash start.sh', ['bash', 'start.sh']],
  ] as const) {
    assert.deepEqual(finalCommand(command.split(' '), directory.path), expected, command);
  }
  assert.deepEqual(finalCommand(['sh', '-c', 'node a.js && exec gunicorn app:app; true'], directory.path), [
    'gunicorn',
    'app:app',
  ]);
});
