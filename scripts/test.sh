#!/bin/sh
# Usage: test.sh [test file…]
# Without files: set-up, all checks, all tests. With files: set-up and those tests.
set -eu
cd -- "$(dirname -- "$0")/.."
unset NODE_OPTIONS
sh scripts/set-up.sh
PATH=$PWD/node_modules/.bin:$PATH
export PATH

if [ $# -eq 0 ]; then npm run --silent check; fi
. scripts/test-environment.sh
node scripts/run-tests.ts "$@"
