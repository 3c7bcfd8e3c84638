#!/bin/sh
# Process 1 of a container, in place of crashmon. Starts crashmon, forwards signals, and exits with its exit code. A shell
# that waits reaps every child, so that orphans leave no zombies; Node reaps only its own children.
# usage: process-1.sh PROGRAM [ARGUMENT ...]

# A background command would read /dev/null.
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
# The shell would report how crashmon ended, which crashmon has reported.
exec 2>/dev/null

# The signals that crashmon handles. The kernel ignores others for process 1, as it would for crashmon.
for signal in TERM INT QUIT HUP USR1 USR2 WINCH; do
  # shellcheck disable=SC2064 # each trap has its own signal
  trap "signaled=1; kill -s $signal $child" "$signal"
done

# A signal also ends the wait, with a meaningless status. After crashmon's status was returned once, some shells return 127.
before=
while
  signaled=
  wait "$child"
  status=$?
  [ -n "$signaled" ]
do before=$status; done
if [ "$status" = 127 ] && [ -n "$before" ]; then status=$before; fi
exit "$status"
