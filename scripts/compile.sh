#!/bin/sh
# Makes dist/ for the npm package: compiles TypeScript, copies everything else of src/. Needs the packages. Does not check
# types, which would take four times as long: `npm run check` does.
set -eu
cd -- "$(dirname -- "$0")/.."
PATH=$PWD/node_modules/.bin:$PATH

rm -rf dist
node scripts/bundle-probe.ts
tsc -p tsconfig.build.json --noCheck
(cd src && find . -type f ! -name '*.ts' -exec cp -p --parents -t ../dist {} +)
