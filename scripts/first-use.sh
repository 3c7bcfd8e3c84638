#!/bin/sh
# Usage: first-use.sh
# Prepares the checkout and prints the path of its Node.js. `./crashmon` calls this only if the stamp is outdated.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
here=$root/scripts

say() { printf 'crashmon: %s\n' "$1" >&2; }

# The real binary, not a version manager's shim, which depends on the directory.
modern_node() {
  NODE_OPTIONS='' "$1" -p '
    const [major, minor] = process.versions.node.split(".").map(Number);
    major > 24 || (major === 24 && minor >= 7) ? process.execPath : ""' 2>/dev/null || :
}

node=
for candidate in "$(command -v node || :)" "$root/node_modules/.bin/node" "$root"/runtime/node_modules/node-linux-*/bin/node; do
  if [ -x "$candidate" ]; then node=$(modern_node "$candidate"); fi
  if [ -n "$node" ]; then break; fi
done

if [ -z "$node" ]; then
  if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    say 'needs Node.js 24.7 or later, or npm to install it. Install one of them and try again.'
    exit 2
  fi
  sh "$here/locked-install.sh" "$root/runtime" production node 'Node.js 24'
  for candidate in "$root"/runtime/node_modules/node-linux-*/bin/node; do
    if [ -x "$candidate" ]; then node=$(modern_node "$candidate"); fi
  done
  if [ -z "$node" ]; then
    say "npm has no Node.js 24 for this system ($(uname -sm)). Install Node.js 24.7 or later manually."
    exit 2
  fi
fi

sh "$here/locked-install.sh" "$root" production "$node" 'packages'

# Without it crashmon works, and says where something is missing because of that.
sh "$here/build-exit-watch.sh" >/dev/null 2>&1 || :

# In a read-only checkout there is no stamp.
stamp=$root/node_modules/.crashmon-stamp
fingerprint=$(stat -Lc '%d:%i:%s:%Z' -- "$root/package-lock.json" "$node" 2>/dev/null || :)
if { printf '%s\n' "$node" "$fingerprint" >"$stamp.$$"; } 2>/dev/null; then
  mv -f "$stamp.$$" "$stamp"
  # Fills the compile cache: without it, an agent keeps Node's type stripper in memory.
  for verb in run help; do "$node" "$root/src/cli/main.mjs" "$verb" --help >/dev/null 2>&1 || :; done
  # The agent's Node flags need their own cache entries.
  if scratch=$(mktemp -d); then
    "$node" "$root/src/cli/main.mjs" run --quiet --no-stderr-tap --state-dir "$scratch" -- true >/dev/null 2>&1 </dev/null || :
    rm -rf "$scratch"
  fi
fi
printf '%s\n' "$node"
