import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allCells, matrix } from '../support/matrix.ts';
import { nodeBinaries } from '../support/node-versions.ts';
import { runBoth, visible } from './run-probed.ts';
import { WAYS_TO_DIE } from './ways-to-die.ts';

/** What depends on the version runs on each. */
const DIFFERENT = WAYS_TO_DIE.filter(({ until }) => until !== undefined);
const SAME = WAYS_TO_DIE.filter(({ until }) => until === undefined);

describe('every way to die is recorded, and the world sees the same death', { concurrency: 3 }, () => {
  for (const [way, node] of [...matrix(SAME, nodeBinaries()), ...allCells(DIFFERENT, nodeBinaries())]) {
    const title = [way.nodeOptions ?? '', ...way.args].join(' ').trim().split('\n')[0];
    test(`Node ${node.version}: ${title}`, async () => {
      const { plain, probed } = await runBoth(
        node,
        way.args,
        way.nodeOptions ? { nodeOptions: way.nodeOptions } : {},
      );
      assert.deepEqual(visible(probed), visible(plain));
      assert.equal(plain.signal ?? plain.code, way.ends);
      assert.deepEqual(
        probed.records.map((record) => record.event),
        way.until && node.version <= way.until.version ? way.until.events : way.events,
      );
      assert.equal(probed.claim?.version.startsWith(`v${node.version}.`), true);

      const [record] = probed.records;
      if (!record) return;
      if (way.type !== undefined) assert.equal(record.thrown?.type, way.type);
      if (way.source !== undefined) assert.equal(record.thrown?.frameSource, way.source);
      const frames = record.thrown ? record.thrown.frames : record.callerFrames;
      if (way.top !== undefined) assert.equal(frames[0]?.function, way.top);
      if (way.handles !== undefined) assert.equal(record.appHandles, way.handles);
      for (const frame of frames) assert.doesNotMatch(frame.file ?? '', /src\/probe\//);
    });
  }
});
