import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { CHECKOUT, crashmon } from '../../support/crashmon.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { startPostgres } from '../../support/portal/database.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { type ShownReport, untilShown } from '../../support/until-reported.ts';
import { APPS } from './run-app.ts';

/** Armed, to its death; the report as `crashmon show --json` has it. */
async function reportOf(
  script: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<ShownReport> {
  await using directory = await temporaryDirectory('client');
  const stateDir = path.join(directory.path, 'state');
  const options = ['--name', 'shop', '--arm-after', '0', '--cooldown', '0', '--restart', 'never'];
  const command = [nodeBinary(24).path, script, ...args];
  const ended = await crashmon(['run', ...options, '--', ...command], { stateDir, env });
  assert.equal(ended.code, 1, ended.stderr);
  return await untilShown(stateDir);
}

const packages = ({ frames }: ShownReport) => new Set(frames.map(({ module }) => module));

describe('a real PostgreSQL', () => {
  const script = path.join(CHECKOUT, 'test/fixtures/run/asks-postgresql.cjs');

  test('errors of pg: SQLSTATE, known cause, the call; nothing of the data', async () => {
    await using server = await startPostgres();
    const idle = await reportOf(script, ['idle'], { DATABASE_URL: await server.fresh() });
    assert.equal(idle.kind, 'exception');
    assert.equal(idle.code, '57P01');
    assert.equal(idle.emitter, 'BoundPool');
    assert.equal(idle.knownCauses[0]?.id, 'postgresql-ended-connection');
    assert.match(idle.knownCauses[0]?.steps[0] ?? '', /'error' listener to the pool/);
    for (const name of ['pg-protocol', 'pg-pool']) assert.ok(packages(idle).has(name), name);

    const save = await reportOf(script, ['save'], { DATABASE_URL: await server.fresh() });
    assert.equal(save.kind, 'rejection');
    assert.equal(save.code, '23505');
    assert.equal(save.knownCauses[0]?.id, 'postgresql-constraint');
    assert.match(save.frames.find(({ inApp }) => inApp)?.function ?? '', /saveOrder/);
    for (const report of [idle, save]) assert.ok(!JSON.stringify(report).includes('CANARY'));
  });
});

describe('Redis that is away', { concurrency: 2 }, () => {
  test('an error event of each client: its own frames, known cause and group', async () => {
    const script = path.join(APPS, 'src/redis-is-away.cjs');
    const [redis, ioredis] = await Promise.all([
      reportOf(script, ['redis'], {}),
      reportOf(script, ['ioredis'], {}),
    ]);
    assert.ok(redis.emitter !== undefined);
    assert.ok(packages(redis).has('@redis/client'));
    assert.ok(packages(ioredis).has('ioredis'));
    for (const { knownCauses, frames } of [redis, ioredis]) {
      assert.equal(knownCauses[0]?.id, 'redis-connection');
      assert.match(knownCauses[0]?.steps[0] ?? '', /'error' listener/);
      const places = frames.map(({ file, line, column }) => `${file}:${line}:${column}`);
      assert.notEqual(places[0], places[1]);
    }
    assert.notEqual(redis.signature.values[0], ioredis.signature.values[0]);
  });
});
