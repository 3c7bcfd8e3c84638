#!/bin/sh
# Usage: guard.sh DIR COMMAND…
# Makes what a room needs of the machine, runs the command in it (enter.sh), and takes everything back, however the room and
# what started it end: the end of standard input ends the room. Run it by `unshare --mount --propagation private`.
set -eu
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/state
truncate -s 256M /mnt/disk
# Blocks as on large file systems: with smaller ones SQLite can still get SIGBUS where the log's index grows (docs/chaos.md).
mkfs.ext4 -q -m 0 -b 4096 /mnt/disk
mount -o loop /mnt/disk /mnt/state
rmdir /mnt/state/lost+found

# Of version 1 if the controller is there, else of version 2.
own=$(sed -n 's/^[0-9]*:\([^:]*,\)*memory\(,[^:]*\)*://p' /proc/self/cgroup)
if [ -n "$own" ]; then
  parent=/sys/fs/cgroup/memory$own limit=memory.limit_in_bytes
else
  # One that holds processes gives its children no controllers.
  parent=$(dirname "/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)") limit=memory.max
fi
[ -d "$parent" ] || parent=/sys/fs/cgroup/memory
CHAOS_CGROUP=$parent/crashmon-chaos-$$
export CHAOS_CGROUP CHAOS_LIMIT="$limit"
mkdir "$CHAOS_CGROUP"

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
exec 3<&0
setpriv --pdeathsig KILL \
  unshare --mount --propagation private --pid --fork --kill-child --net --ipc sh "$here/enter.sh" "$@" 3<&- &
room=$!
{
  cat >/dev/null
  kill -9 "$room"
} <&3 >/dev/null 2>&1 3<&- &
code=0
wait "$room" || code=$?
# A file system that stays frozen could never be unmounted.
fsfreeze -u /mnt/state 2>/dev/null || :
# The last processes may not be gone yet.
until find "$CHAOS_CGROUP" -depth -type d -exec rmdir {} + 2>/dev/null; do sleep 0.05; done
exit "$code"
