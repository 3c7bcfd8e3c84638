# Sourced by both entries before Node starts: saves what Node removes or changes, so that the worker gets it unchanged.
# src/cli/start/outer-environment.ts and src/worker/inherited.ts restore it.
#
# Variables here have a prefix: an exported variable of the same name would reach the worker changed.

for crashmon_name in NODE_OPTIONS NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE NODE_UNIQUE_ID; do
  unset "CRASHMON_$crashmon_name"
  if eval "[ -n \"\${$crashmon_name+set}\" ]"; then
    eval "export CRASHMON_$crashmon_name=\"\$$crashmon_name\""
    unset "$crashmon_name"
  fi
done

# The ignored signals, the soft limit of open files, and the open descriptors. Inherited ones have no close-on-exec flag
# (octal 02000000), unlike those of the shell.
crashmon_ignored=0
if [ -r /proc/self/status ]; then
  while read -r crashmon_name crashmon_value; do
    if [ "$crashmon_name" = SigIgn: ]; then crashmon_ignored=$crashmon_value && break; fi
  done </proc/self/status
fi
CRASHMON_INHERITED="$crashmon_ignored $(ulimit -S -n)"
for crashmon_fd in /proc/self/fd/*; do
  crashmon_fd=${crashmon_fd##*/}
  [ -r "/proc/self/fdinfo/$crashmon_fd" ] || continue
  while read -r crashmon_name crashmon_value; do
    if [ "$crashmon_name" != flags: ]; then continue; fi
    case $crashmon_value in
      *[2367]??????) ;;
      *) CRASHMON_INHERITED="$CRASHMON_INHERITED $crashmon_fd" ;;
    esac
    break
  done <"/proc/self/fdinfo/$crashmon_fd"
done
export CRASHMON_INHERITED

# usage: crashmon_become NODE MAIN [ARGUMENT ...]
crashmon_become() {
  if [ $$ = 1 ] && [ "${3-}" = run ]; then exec /bin/sh "${2%/*}/start/process-1.sh" "$@"; fi
  exec "$@"
}

# usage: crashmon_without STATUS REASON [ARGUMENT ...]; REASON is empty if it was printed
# Crashmon cannot start: `run … -- COMMAND` becomes the command, as without crashmon. Else prints the reason and exits.
crashmon_without() {
  crashmon_status=$1
  crashmon_reason=$2
  shift 2
  crashmon_verb=${1-}
  while [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done
  if [ "$crashmon_verb" != run ] || [ $# -lt 2 ]; then
    [ -z "$crashmon_reason" ] || printf 'crashmon: %s\n' "$crashmon_reason" >&2
    exit "$crashmon_status"
  fi
  shift
  printf 'crashmon: problem: %s The worker runs unmonitored: crashes are not recorded, and it is not restarted.\n' \
    "${crashmon_reason:-crashmon cannot start.}" >&2
  for crashmon_name in NODE_OPTIONS NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE NODE_UNIQUE_ID; do
    if eval "[ -n \"\${CRASHMON_$crashmon_name+set}\" ]"; then
      eval "export $crashmon_name=\"\$CRASHMON_$crashmon_name\""
      unset "CRASHMON_$crashmon_name"
    fi
  done
  unset CRASHMON_COMMAND CRASHMON_INHERITED
  exec "$@"
}
