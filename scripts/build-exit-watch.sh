#!/bin/sh
# Compiles the helper of the exit watch into src/exit-watch/built/, for this machine, and for arm64 where Debian's cross
# compiler is installed. Does only what is missing or old. Without a C compiler there is no helper: crashmon says so, and
# works without it.
set -eu
cd -- "$(dirname -- "$0")/../src/exit-watch"

build() {
  compiler=$1 program=built/watch-$2
  if [ -e "$program" ] && [ ! watch.c -nt "$program" ]; then return; fi
  mkdir -p built
  # Moved into place: an interrupted build leaves nothing half, and a running helper keeps its file.
  "$compiler" -std=gnu11 -static -Os -s -Wall -Wextra -Werror -o "$program.$$" watch.c
  mv "$program.$$" "$program"
}

case $(uname -m) in
  x86_64) here=x64 ;;
  aarch64) here=arm64 ;;
  *) here= ;;
esac
if [ -z "$here" ]; then
  echo 'The exit watch has no helper for this machine.' >&2
elif command -v cc >/dev/null; then
  build cc "$here"
else
  echo 'The helper of the exit watch is not built: there is no C compiler (Debian package gcc).' >&2
fi
if [ "$here" = x64 ] && command -v aarch64-linux-gnu-gcc >/dev/null; then build aarch64-linux-gnu-gcc arm64; fi
