#!/bin/sh
# Process 1 of a container where crashmon would be it. Starts crashmon, passes signals on, and ends with its exit code. A
# shell that waits collects every child, so no zombie stays of what others leave; Node collects only what it started.
# usage: process-1.sh PROGRAM [ARGUMENT ...]

# A command in the background would read /dev/null.
input='<&-' rest=
if { true <&0; } 2>/dev/null; then
  for free in 9 8 7 6 5 4 3; do
    [ -e "/proc/self/fd/$free" ] || break
  done
  eval "exec $free<&0"
  input="<&$free" rest="$free<&-"
fi
export CRASHMON_PROCESS_1=1
eval "\"\$@\" $input $rest &"
child=$!
[ -z "$rest" ] || eval "exec $rest"
# A shell says of what a child died; crashmon has said it.
exec 2>/dev/null

# Those that crashmon handles. The kernel keeps all others from process 1, as it would if crashmon were it.
for signal in TERM INT QUIT HUP USR1 USR2 WINCH; do
  # shellcheck disable=SC2064 # each trap has its own signal
  trap "signaled=1; kill -s $signal $child" "$signal"
done

# A signal ends the wait as well, with a status that says nothing. Once crashmon's status was given, some shells have
# forgotten it (127).
before=
while
  signaled=
  wait "$child"
  status=$?
  [ -n "$signaled" ]
do before=$status; done
if [ "$status" = 127 ] && [ -n "$before" ]; then status=$before; fi
exit "$status"
