#!/bin/sh
# The entry of the npm package. A shell script, because Node would take the parent's channel and lose descriptors.
set -eu

crashmon_self=$0
if [ -L "$crashmon_self" ]; then crashmon_self=$(readlink -f -- "$crashmon_self"); fi
case $crashmon_self in
  */*) crashmon_here=${crashmon_self%/*} ;;
  *) crashmon_here=. ;;
esac

unset CRASHMON_COMMAND
. "$crashmon_here/keep-for-worker.sh"

if ! command -v node >/dev/null; then
  echo 'crashmon: needs Node.js 24 or later on PATH' >&2
  crashmon_without 2 "$@"
fi
crashmon_become node "$crashmon_here/../main.mjs" "$@"
