#!/bin/sh
# Usage: test.sh [test file…]
# Without files: set-up, all checks, all tests. With files: set-up and those tests.
set -eu
cd -- "$(dirname -- "$0")/.."
unset NODE_OPTIONS
sh scripts/set-up.sh
PATH=$PWD/node_modules/.bin:$PATH
export PATH

if [ $# -eq 0 ]; then
  npm run --silent check
  # Node takes a pattern that matches nothing for a success.
  set -- $(find src test -name node_modules -prune -o -name '*.test.ts' -print | sort)
  if [ $# -eq 0 ]; then
    echo 'test.sh: found no test' >&2
    exit 1
  fi
fi

# Whatever tests do at random follows from this number.
CRASHMON_TEST_SEED=${CRASHMON_TEST_SEED:-$(($(date +%s) % 1000000))}
export CRASHMON_TEST_SEED
echo "CRASHMON_TEST_SEED=$CRASHMON_TEST_SEED"

# The limit is for what hangs; a test that may wait has a shorter one of its own.
exec node --import ./test/support/seed-properties.ts --test --test-reporter=spec --test-concurrency=2 --test-timeout=600000 "$@"
