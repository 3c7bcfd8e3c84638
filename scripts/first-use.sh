#!/bin/sh
# Usage: first-use.sh
# Makes the checkout ready to run and prints the path of the Node.js to run it with. `./crashmon` calls this only when
# the stamp of the last time no longer holds.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
here=$root/scripts

say() { printf 'crashmon: %s\n' "$1" >&2; }

# The real binary is kept, not a version manager's shim: a shim means another version in another directory.
modern_node() {
  NODE_OPTIONS='' "$1" -p '
    parseInt(process.versions.node) >= 24 ? process.execPath : ""' 2>/dev/null || :
}

node=
for candidate in "$(command -v node || :)" "$root/node_modules/.bin/node" "$root"/runtime/node_modules/node-linux-*/bin/node; do
  if [ -x "$candidate" ]; then node=$(modern_node "$candidate"); fi
  if [ -n "$node" ]; then break; fi
done

if [ -z "$node" ]; then
  if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    say 'needs Node.js 24 or later, or npm to install it with. Install one of them and try again.'
    exit 2
  fi
  sh "$here/locked-install.sh" "$root/runtime" production node 'Node.js 24'
  for candidate in "$root"/runtime/node_modules/node-linux-*/bin/node; do
    if [ -x "$candidate" ]; then node=$(modern_node "$candidate"); fi
  done
  if [ -z "$node" ]; then
    say "no Node.js 24 can be had from npm that runs on this system ($(uname -sm)). Install Node.js 24 or later yourself."
    exit 2
  fi
fi

sh "$here/locked-install.sh" "$root" production "$node" 'packages'

# A checkout that may not be written to is as ready as it gets.
stamp=$root/node_modules/.crashmon-stamp
fingerprint=$(stat -Lc '%d:%i:%s:%Z' -- "$root/package-lock.json" "$node" 2>/dev/null || :)
if { printf '%s\n' "$node" "$fingerprint" >"$stamp.$$"; } 2>/dev/null; then
  mv -f "$stamp.$$" "$stamp"
  # Fills the compile cache: an agent that starts without it keeps Node's type stripper in memory while it runs.
  for verb in run help; do "$node" "$root/src/cli/main.mjs" "$verb" --help >/dev/null 2>&1 || :; done
  # The agent runs with flags of its own; what was compiled under others is of no use to it.
  if scratch=$(mktemp -d); then
    "$node" "$root/src/cli/main.mjs" run --quiet --no-stderr-tap --state-dir "$scratch" -- true >/dev/null 2>&1 </dev/null || :
    rm -rf "$scratch"
  fi
fi
printf '%s\n' "$node"
