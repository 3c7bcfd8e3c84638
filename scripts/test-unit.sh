#!/bin/sh
# The tests that need nothing but Node.js and npm: those beside the sources, and those on the checkout itself.
set -eu
cd -- "$(dirname -- "$0")/.."
unset NODE_OPTIONS
sh scripts/locked-install.sh "$PWD" all node 'packages'
PATH=$PWD/node_modules/.bin:$PATH
export PATH

. scripts/test-environment.sh
node scripts/run-tests.ts --unit
