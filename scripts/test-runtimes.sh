#!/bin/sh
# The tests of the probe on every Node.js version, and the first crashes of programs in every runtime; installs what that
# needs.
set -eu
cd -- "$(dirname -- "$0")/.."
unset NODE_OPTIONS
CRASHMON_TEST_RUNTIMES=all
CRASHMON_TEST_MATRIX=all
export CRASHMON_TEST_RUNTIMES CRASHMON_TEST_MATRIX
sh scripts/set-up.sh
PATH=$PWD/node_modules/.bin:$PATH
export PATH

. scripts/test-environment.sh
# shellcheck disable=SC2046 # a list of files
node scripts/run-tests.ts test/runtimes/*.test.ts \
  $(grep -rlF 'nodeBinaries' test --include='*.test.ts' --exclude-dir=node_modules)
