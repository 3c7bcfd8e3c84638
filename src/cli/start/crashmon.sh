#!/bin/sh
# The entry of the npm package and of the Debian package. A shell script, because Node would take the parent's channel and lose descriptors.
set -eu

crashmon_self=$0
if [ -L "$crashmon_self" ]; then crashmon_self=$(readlink -f -- "$crashmon_self"); fi
case $crashmon_self in
  */*) crashmon_here=${crashmon_self%/*} ;;
  *) crashmon_here=. ;;
esac

unset CRASHMON_COMMAND
. "$crashmon_here/keep-for-worker.sh"

# The Debian package has a Node.js of its own, the npm package where the one on PATH was too old.
if [ -x "$crashmon_here/../../../runtime/node" ]; then
  crashmon_become "$crashmon_here/../../../runtime/node" "$crashmon_here/../main.mjs" "$@"
fi
crashmon_advice="Install it, or one for crashmon alone: sh ${crashmon_here%/dist/cli/start}/scripts/own-node.sh."
if ! command -v node >/dev/null; then
  crashmon_without 2 "needs Node.js 24.7 or later on PATH, found none." "$@"
fi
# Only for `run`, where an error would keep the worker from starting: 10 ms. main.mjs checks it for other verbs.
if [ "${1-}" = run ]; then
  crashmon_version=$(node --version 2>/dev/null || :)
  case $crashmon_version in
    v24.[0-6].*) crashmon_without 2 "needs Node.js 24.7 or later on PATH, found $crashmon_version. $crashmon_advice" "$@" ;;
    v2[4-9].* | v[3-9][0-9].* | v[1-9][0-9][0-9].*) ;;
    *) crashmon_without 2 "needs Node.js 24.7 or later on PATH, found ${crashmon_version:-one that does not start}. $crashmon_advice" "$@" ;;
  esac
fi
crashmon_become node "$crashmon_here/../main.mjs" "$@"
