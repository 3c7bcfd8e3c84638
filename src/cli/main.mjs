#!/usr/bin/env node
// Plain JavaScript on purpose: with the compile cache on before the first TypeScript file is met, a warm start never
// loads Node's type stripper (47 MB resident against 65 MB), and an old Node can still parse this file and say so.
import { importOwn, prepareProcess } from './start/prepare-process.mjs';

if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(`crashmon: needs Node.js 24 or later, this is ${process.version}\n`);
  process.exit(2);
}
prepareProcess();
const { main } = await importOwn('../cli');
await main(process.argv.slice(2));
