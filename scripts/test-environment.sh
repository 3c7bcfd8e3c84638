# Sourced, last before the tests.

# Python would write beside the fixtures.
export PYTHONDONTWRITEBYTECODE=1

# A first bash whose standard input is a socket, as Node makes them, takes itself for a remote shell and reads ~/.bashrc.
export SHLVL=2

# What tests do at random follows from this number.
CRASHMON_TEST_SEED=${CRASHMON_TEST_SEED:-$(($(date +%s) % 1000000))}
export CRASHMON_TEST_SEED
echo "CRASHMON_TEST_SEED=$CRASHMON_TEST_SEED"

# Tools under test (yarn, tsx, swc) leave their files here. The path is short, for sockets; programs of other users write
# there, as they do to /tmp.
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/cmt.XXXXXX")
chmod 1777 "$TMPDIR"
export TMPDIR
trap 'rm -rf -- "$TMPDIR"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
