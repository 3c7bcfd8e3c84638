#!/bin/sh
# Installs what the build needs, then makes dist/. `npm pack` calls this, in a fresh clone and with any Node.js.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
sh "$root/scripts/locked-install.sh" "$root" all node 'packages'
sh "$root/scripts/build-exit-watch.sh"
sh "$root/scripts/compile.sh"
