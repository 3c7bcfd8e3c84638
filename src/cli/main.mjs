#!/usr/bin/env node
// Plain JavaScript: with the compile cache enabled before the first TypeScript file, a warm start never loads Node's type
// stripper (47 MB resident instead of 65 MB), and an old Node can still parse this file and report its version.
import { fileURLToPath } from 'node:url';
import { importOwn, prepareProcess } from './start/prepare-process.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 7)) {
  const script = fileURLToPath(new URL('../../scripts/own-node.sh', import.meta.url));
  const advice = `Install it, or one for crashmon alone: sh ${script}`;
  process.stderr.write(`crashmon: needs Node.js 24.7 or later, this is ${process.version}. ${advice}\n`);
  process.exit(2);
}
prepareProcess();
const { main } = await importOwn('../cli');
await main(process.argv.slice(2));
