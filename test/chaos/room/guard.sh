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
  all=/sys/fs/cgroup/memory limit=memory.limit_in_bytes
  parent=$all$own
else
  # One that holds processes gives its children no controllers.
  all=/sys/fs/cgroup limit=memory.max
  parent=$(dirname "$all$(sed -n 's/^0:://p' /proc/self/cgroup)")
fi
[ -d "$parent" ] || parent=/sys/fs/cgroup/memory

# A guard that was killed, and with it its room, could not remove its own. One in use is not removed: it has processes.
find "$all" -type d -name 'crashmon-chaos-*' -prune | while read -r left; do
  grep -qs guard.sh "/proc/${left##*-}/cmdline" || find "$left" -depth -type d -exec rmdir {} + 2>/dev/null || :
done
CHAOS_CGROUP=$parent/crashmon-chaos-$$
export CHAOS_CGROUP CHAOS_LIMIT="$limit"
mkdir "$CHAOS_CGROUP" "$CHAOS_CGROUP/room"
[ -n "$own" ] || echo +memory >"$CHAOS_CGROUP/cgroup.subtree_control"

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
exec 3<&0
# shellcheck disable=SC2016 # its own process ID
setpriv --pdeathsig KILL sh -c 'echo $$ >"$CHAOS_CGROUP/room/cgroup.procs" && exec "$@"' sh \
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
# The last processes may not be gone yet, or not killed: what is being forked while its parent ends.
until find "$CHAOS_CGROUP" -depth -type d -exec rmdir {} + 2>/dev/null; do
  cat "$CHAOS_CGROUP"/cgroup.procs "$CHAOS_CGROUP"/*/cgroup.procs 2>/dev/null | xargs -r kill -9 2>/dev/null || :
  sleep 0.05
done
exit "$code"
