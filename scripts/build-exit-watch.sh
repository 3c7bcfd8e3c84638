#!/bin/sh
# Compiles the helper of the exit watch, the watchdog of gdbserver, the keeper of memory and the addon of `crashmon agent`, each
# into the folder `built` beside its source, for this machine, and for arm64 where Debian's cross compiler is installed. Does only
# what is missing or old. Without a C compiler there is none: crashmon says so of the helper and the keeper and works without
# them, a shell script is the watchdog, and the agent takes more memory and processor time.
set -eu
cd -- "$(dirname -- "$0")/../src"

build() {
  build_one "$1 -static" exit-watch/watch.c "exit-watch/built/watch-$2"
  build_one "$1 -static" debugger/gdbserver-watchdog.c "debugger/built/gdbserver-watchdog-$2"
  build_one "$1 -static -pthread" debugger/memory-keeper.c "debugger/built/memory-keeper-$2"
  build_one "$1 -shared -fPIC" host/addon.c "host/built/addon-$2.node"
}
# Usage: build_one 'COMPILER [OPTION…]' SOURCE PROGRAM
build_one() {
  compiler=$1 source=$2 program=$3
  if [ -e "$program" ] && [ ! "$source" -nt "$program" ]; then return; fi
  mkdir -p "${program%/*}"
  # Moved into place: an interrupted build leaves nothing half, and a running program keeps its file.
  $compiler -std=gnu11 -Os -s -Wall -Wextra -Werror -o "$program.$$" "$source"
  mv "$program.$$" "$program"
}

case $(uname -m) in
  x86_64) here=x64 ;;
  aarch64) here=arm64 ;;
  *) here= ;;
esac
if [ -z "$here" ]; then
  echo 'The exit watch has no helper for this machine, and gdbserver no compiled watchdog.' >&2
elif command -v cc >/dev/null; then
  build cc "$here"
else
  echo 'The helper of the exit watch and the watchdog of gdbserver are not built: there is no C compiler (Debian package gcc).' >&2
fi
if [ "$here" = x64 ] && command -v aarch64-linux-gnu-gcc >/dev/null; then build aarch64-linux-gnu-gcc arm64; fi
