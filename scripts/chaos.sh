#!/bin/sh
# Usage: chaos.sh [--minutes N] [--seed N]
#        chaos.sh rounds [factor]
# Faults at random on the whole system, see docs/chaos.md. With `rounds`: the tests that kill at random, with that many times
# (default: 20) the rounds that they have in the suite.
set -eu
cd -- "$(dirname -- "$0")/.."
unset NODE_OPTIONS
sh scripts/set-up.sh
PATH=$PWD/node_modules/.bin:$PATH
export PATH

if [ "${1:-}" != rounds ]; then exec node test/chaos/main.ts "$@"; fi

CRASHMON_CHAOS=${2:-20}
export CRASHMON_CHAOS
. scripts/test-environment.sh
# shellcheck disable=SC2046 # a list of files
node scripts/run-tests.ts $(grep -rlF 'test/support/rounds.ts' src --include='*.test.ts') \
  $(grep -rlF 'support/rounds.ts' test --include='*.test.ts' --exclude-dir=node_modules)
