#!/bin/sh
# Usage: locked-install.sh <folder> <production|all> <node> <what>
# Brings <folder>/node_modules to what its package-lock.json says; does nothing where it is so already. npm works in a
# folder of its own beside it and the result is moved into place: an interrupted install leaves the old state whole,
# and a running crashmon never sees half a node_modules.
set -eu

folder=$1 wanted=$2 node=$3 what=$4
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

missing() { NODE_OPTIONS='' "$node" "$here/missing-packages.cjs" "$folder" "$wanted"; }

# On a terminal, a dot each second: npm takes many. It must hold neither the lock nor the caller's pipe.
dots=
show_dots() {
  [ -t 2 ] || return 0
  (exec 9>&-; while sleep 1 && kill -0 "$$" 2>/dev/null; do printf . >&2; done) >&2 &
  dots=$!
}
end_dots() {
  if [ -z "$dots" ]; then return 0; fi
  kill "$dots" 2>/dev/null || :
  wait "$dots" 2>/dev/null || :
  dots=
  echo >&2
}

fail() {
  end_dots
  printf 'crashmon: cannot install %s: %s\n' "$what" "$1" >&2
  exit 2
}

install=$(missing)
if [ -z "$install" ]; then exit 0; fi

if ! command -v npm >/dev/null; then fail 'npm is not on PATH. Install npm and try again.'; fi
if [ ! -w "$folder" ]; then
  fail "$folder is not writable. Run crashmon there once as a user who may write to it."
fi

# flock(1) is released when its holder ends. Without flock, the renames below still let only one win.
exec 9>"$folder/.set-up.lock"
if command -v flock >/dev/null; then flock 9; fi
install=$(missing)
if [ -z "$install" ]; then exit 0; fi

if [ -d "$folder/node_modules" ]; then when='update'; else when='first use'; fi
printf 'crashmon: %s, installing %s …' "$when" "$what" >&2
if [ ! -t 2 ]; then echo >&2; fi

rm -rf "$folder"/.set-up-*
stage=$folder/.set-up-$$
trap 'end_dots; rm -rf "$stage"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir "$stage"
cp "$folder/package.json" "$folder/package-lock.json" "$stage/"
# Not in the npm package.
if [ -f "$folder/.npmrc" ]; then cp "$folder/.npmrc" "$stage/"; fi

case $install in
  all) choice=--include=dev ;;
  *) choice=--omit=dev ;;
esac
# No package here needs its install script. Few retries, so that a missing network is reported within seconds.
show_dots
if ! npm ci "$choice" --prefix "$stage" --no-global --no-dry-run --no-json --no-engine-strict --ignore-scripts --prefer-offline \
  --no-audit --no-fund --fetch-retries=2 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 \
  >"$stage/npm.log" 2>&1; then
  if grep -qE 'EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ENOTCACHED' "$stage/npm.log"; then
    fail 'npm cannot reach its registry. Check the network or the proxy and try again.'
  elif grep -q 'ENOSPC' "$stage/npm.log"; then
    fail "the disk of $folder is full."
  fi
  end_dots
  grep -E '^npm (error|ERR!)' "$stage/npm.log" | grep -v 'complete log' | head -n 12 >&2 || :
  fail 'npm failed; see its error above.'
fi
end_dots

if [ -d "$folder/node_modules" ]; then mv "$folder/node_modules" "$stage/replaced"; fi
if ! mv -T "$stage/node_modules" "$folder/node_modules" 2>/dev/null; then
  if [ -d "$stage/replaced" ]; then mv -T "$stage/replaced" "$folder/node_modules" 2>/dev/null || :; fi
fi
if [ -n "$(missing)" ]; then fail "npm did not install all of it, or $folder/node_modules cannot be replaced."; fi
