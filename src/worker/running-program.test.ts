import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runtimeNamed } from './running-program.ts';

test('a runtime is known by the name of its executable, whatever its version', () => {
  const names = {
    node: ['node', 'nodejs', 'node-24'],
    python: ['python', 'python3.11', 'python3.13t', 'pypy3.10'],
    ruby: ['ruby', 'ruby3.1'],
    php: ['php', 'php8.2', 'php-fpm8.2', 'php-cgi'],
    perl: ['perl', 'perl5.36.0'],
    java: ['java'],
    dotnet: ['dotnet', 'mono', 'mono-sgen'],
    bun: ['bun', 'bun.exe', 'bun-profile'],
    deno: ['deno'],
    erlang: ['beam.smp', 'beam.debug.smp', 'beam'],
  };
  for (const [runtime, all] of Object.entries(names)) {
    for (const name of all) assert.equal(runtimeNamed(name), runtime, name);
  }
  for (const name of ['shop', 'pythonista', 'rubyist', 'beamer', 'monolith', 'php-shop', 'sh'])
    assert.equal(runtimeNamed(name), null, name);
});
