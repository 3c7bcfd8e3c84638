// Maps the stack of a probe's record and prints how many milliseconds that took, all reading and decoding included.
// Arguments: file of the record, root of the app.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { FrameMapper } from '../../src/symbols/frame-mapper.ts';

const [record = '', appRoot = ''] = process.argv.slice(2);
const { frames } = JSON.parse(readFileSync(record, 'utf8')).thrown;
const before = process.cpuUsage();
const start = performance.now();
const mapper = new FrameMapper(appRoot);
const mapped = mapper.mapFrames(frames);
const ms = performance.now() - start;
const { user, system } = process.cpuUsage(before);
const processorMs = (user + system) / 1000;
const inSources = mapped.filter(({ file }) => file?.includes('/src/')).length;
process.stdout.write(JSON.stringify({ ms, processorMs, frames: frames.length, mapped: inSources }));
