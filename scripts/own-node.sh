#!/bin/sh
# npm runs this when the package is installed. Where the Node.js on PATH is too old for crashmon, installs one beside it for crashmon
# alone: apps, and the `node` on PATH, stay as they are. An install without network does not fail: crashmon says at its start what is missing.
set -u
unset NODE_OPTIONS
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# A checkout does this at its first use.
[ -f "$root/dist/cli/main.mjs" ] || exit 0
node "$root/dist/cli/main.mjs" --version >/dev/null 2>&1 && exit 0

sh "$root/scripts/locked-install.sh" "$root/runtime" production node 'Node.js 24 for crashmon' || exit 0
for node in "$root"/runtime/node_modules/node-linux-*/bin/node; do
  # One for another C library does not start.
  if "$node" --version >/dev/null 2>&1; then ln -sf "${node#"$root/runtime/"}" "$root/runtime/node"; fi
done
