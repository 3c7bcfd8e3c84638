#!/bin/sh
# Usage: bench.sh [arguments of bench/main.ts…]
# Installs what the measurements need, then runs them with the Node.js of the development packages.
set -eu
cd -- "$(dirname -- "$0")/.."
unset NODE_OPTIONS
sh scripts/set-up.sh
PATH=$PWD/node_modules/.bin:$PATH
export PATH
exec node bench/main.ts "$@"
