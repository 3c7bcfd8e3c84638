#!/bin/sh
# Usage: chaos.sh [factor]
# The tests that kill at random, with that many times (default: 20) the rounds that they have in the suite.
set -eu
cd -- "$(dirname -- "$0")/.."
unset NODE_OPTIONS
sh scripts/set-up.sh
PATH=$PWD/node_modules/.bin:$PATH
CRASHMON_CHAOS=${1:-20}
export PATH CRASHMON_CHAOS

. scripts/test-environment.sh
# shellcheck disable=SC2046 # a list of files
node scripts/run-tests.ts $(grep -rlF 'test/support/rounds.ts' src --include='*.test.ts') \
  $(grep -rlF 'support/rounds.ts' test --include='*.test.ts' --exclude-dir=node_modules)
