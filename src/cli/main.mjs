#!/usr/bin/env node
// Plain JavaScript: with the compile cache enabled before the first TypeScript file, a warm start never loads Node's type
// stripper (47 MB resident instead of 65 MB), and an old Node can still parse this file and report its version.
import { importOwn, prepareProcess } from './start/prepare-process.mjs';

if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(`crashmon: needs Node.js 24 or later, this is ${process.version}\n`);
  process.exit(2);
}
prepareProcess();
const { main } = await importOwn('../cli');
await main(process.argv.slice(2));
