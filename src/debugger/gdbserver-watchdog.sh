#!/bin/sh
# Does what gdbserver-watchdog.c does, where that is not compiled or cannot run; a stopped crashmon is seen within 5 seconds.
# usage: gdbserver-watchdog.sh GDBSERVER CRASHMON WORKER (process ids; WORKER is 0 where none is attached yet)
# Two processes, either of which is enough: one checks every 5 seconds, the other waits for the end of its input. What
# they hold open beyond 2 keeps gdbserver from seeing the end of its input. The line `worker ID` names another worker; the
# line `end` ends both, and leaves no orphan.
exec 2>/dev/null
gdbserver=$1 crashmon=$2 worker=$3

# A process id can go to another process; the time of its start (proc_pid_stat(5), field 22) cannot.
read_birth() {
  birth=
  read -r line <"/proc/$gdbserver/stat" || return 1
  # shellcheck disable=SC2086 # fields
  set -- ${line##*) }
  shift 19
  birth=$1
}
is_gdbserver() { read_birth && [ "$birth" = "$born" ]; }
# As in free-worker.ts: a SIGSTOP of gdbserver's (bit 18) that outlives it would stop the worker forever.
is_stopped() {
  for status in "/proc/$worker/task/"*/status; do
    while read -r key value rest; do
      case $key$value in
        State:T | SigPnd:*[4-7c-f]???? | ShdPnd:*[4-7c-f]????) found=$key ;;
        TracerPid:0) ;;
        TracerPid:*) break ;;
        SigBlk:*) [ -n "$found" ] && return 0 ;;
      esac
    done <"$status"
    found=
  done
  return 1
}
strike() {
  if is_gdbserver; then
    # While it starts it has a child, by which it tries out ptrace(2). The attached process is not in its group.
    kill -9 "-$gdbserver"
    kill -9 "$gdbserver"
  fi
  for wait in 0.01 0.05 0.2 1; do
    sleep "$wait"
    is_stopped && kill -CONT "$worker"
  done
}
poll() {
  # A subshell begins with the last ID of its parent.
  inherited=$!
  trap '[ "$!" = "$inherited" ] || kill -9 "$!"; wait; exit' TERM
  while sleep 5 & wait $! && is_gdbserver; do
    state=gone
    read -r line <"/proc/$crashmon/stat" && state=${line##*) }
    case $state in T* | Z* | X* | gone) strike ;; esac
  done
}

read_birth || exit
born=$birth
poll &
while read -r request worker_now; do
  kill "$!"
  wait
  [ "$request" = worker ] || exit
  worker=$worker_now
  poll &
done
strike
kill -9 0
