#!/bin/sh
# Makes dist/ for the npm package: compiles TypeScript, copies everything else of src/. Needs the packages.
set -eu
cd -- "$(dirname -- "$0")/.."
PATH=$PWD/node_modules/.bin:$PATH

rm -rf dist
node scripts/bundle-probe.ts
tsc -p tsconfig.build.json
(cd src && find . -type f ! -name '*.ts') | while IFS= read -r file; do
  mkdir -p "dist/${file%/*}"
  cp -p "src/$file" "dist/$file"
done
