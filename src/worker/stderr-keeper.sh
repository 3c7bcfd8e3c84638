#!/bin/sh
# Bounds the standard-error file of a worker, whatever happens to crashmon: each time SLICE more bytes have been
# written, all but the last KEEP bytes are punched out of the file (its offsets stay). Costs nothing while nothing is
# written. When no process has the file open for output, it deletes the file and ends.
# usage: stderr-keeper.sh FILE FIND_PATTERN HOLDER SLICE KEEP
# HOLDER is a process that has the file open. Exit code 0: nothing is left to keep, or an earlier
# keeper still runs; 3: the system lacks the tools (coreutils, findutils and util-linux, not busybox).
file=$1 pattern=$2 holder=$3 slice=$4 keep=$5
# A Ctrl-C or a stop of the whole service is meant for the worker; the keeper stays while the file is open.
trap '' INT TERM HUP QUIT
exec 9>>"$file" || exit 0
flock -n 9
case $? in
  0) ;;
  1) exit 0 ;;
  *) exit 3 ;;
esac
tail ---disable-inotify --pid=$$ -c 1 -- "$file" >/dev/null 2>&1 || exit 3

punch() { [ "$1" -le 0 ] || fallocate --punch-hole --offset 0 --length "$1" -- "$file" || exit 3; }
# Reserves room for what is written next, so that it cannot fail when others fill the file system.
reserve() { fallocate --keep-size --offset "$size" --length $((2 * slice)) -- "$file"; }

# Polling costs processor time for as long as the worker runs: often only for some seconds after much was written.
follow() {
  if [ "$pace" = fast ]; then set -- timeout --foreground 5 tail -s 0.02 "$@"; else set -- tail -s 0.5 "$@"; fi
  # Not by inotify: writes to a watched file take a third longer.
  exec "$@" ---disable-inotify --pid="$holder" -f -- "$file"
}

pace=slow
checked=$((-slice))
while :; do
  size=$(stat -c %s -- "$file") || exit 0
  # While much is written there is no pause between two checks, and nothing else is done.
  while [ "$size" -ge $((checked + slice)) ]; do
    punch $((size - keep))
    checked=$size
    size=$(stat -c %s -- "$file") || exit 0
  done
  checked=$size
  reserve || { punch $((size - 65536)) && reserve; }
  follow -c "+$((size + 1))" 9>&- | head -c "$slice" >/dev/null 9>&-
  if [ ! -d "/proc/$holder" ]; then
    found=$(find /proc/[0-9]*/fd/1 /proc/[0-9]*/fd/2 -maxdepth 0 -lname "$pattern" -print -quit)
    found=${found#/proc/}
    holder=${found%%/*}
    if [ -z "$holder" ]; then
      rm -f -- "$file" "$file.mark"
      exit 0
    fi
  elif [ "$(stat -c %s -- "$file" || echo 0)" -ge $((size + slice)) ]; then
    pace=fast
  elif [ "$pace" = fast ]; then
    pace=slow
  else
    # Another process ended tail, or emptied the file: no reason to spin.
    sleep 1
  fi
done
