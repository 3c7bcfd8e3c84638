#!/bin/sh
# The tests of the probe on every Node.js version, not only on three of them.
set -eu
cd -- "$(dirname -- "$0")/.."
unset NODE_OPTIONS
sh scripts/set-up.sh
PATH=$PWD/node_modules/.bin:$PATH
CRASHMON_TEST_RUNTIMES=all
export PATH CRASHMON_TEST_RUNTIMES

. scripts/test-environment.sh
# shellcheck disable=SC2046 # a list of files
node scripts/run-tests.ts $(grep -rlF 'nodeBinaries' test --include='*.test.ts' --exclude-dir=node_modules)
