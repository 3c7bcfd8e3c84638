#!/bin/sh
# Everything a developer's machine or CI needs, from nothing but Node.js and npm; does only what is missing.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

# These mostly wait for the network, as apt-get below does.
installs=
install() {
  sh "$root/scripts/locked-install.sh" "$root/$1" all node "$2" &
  installs="$installs $!"
}
# shellcheck disable=SC2086 # a list of numbers
stop_installs() { [ -z "$installs" ] || kill $installs 2>/dev/null || :; }
trap stop_installs EXIT
trap 'exit 1' HUP INT TERM
install . 'packages'
install test/node-versions 'runtimes to test on'
install test/apps 'apps to test with'
if [ "${CRASHMON_TEST_RUNTIMES:-}" = all ]; then install test/runtimes 'runtimes to test with'; fi

# Programs that the tests use, with their Debian packages.
missing=
need() { command -v "$1" >/dev/null || missing="$missing $2"; }
need gdb gdb
need gdbserver gdbserver
need eu-stack elfutils
need gcc gcc
need addr2line binutils
need g++ g++
need rustc rustc
need go golang-go
need setpriv util-linux
need ps procps
need busybox busybox
need redis-server redis-server
need nginx nginx
need php php-cli
need perl perl
need gunicorn gunicorn
need puma puma
need uvicorn uvicorn
need ruby ruby
need age age
need python3 python3
need java default-jre-headless
need chromium-headless-shell chromium-headless-shell
need dbus-daemon dbus
need podman podman
need runc runc
# systemd-sysv would make it the machine's init.
[ -x /lib/systemd/systemd ] || missing="$missing systemd"
# Its name contains its version.
ls /usr/sbin/php-fpm* >/dev/null 2>&1 || missing="$missing php-fpm"
# Its programs are not on the path.
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -e /usr/include/stdio.h ] || missing="$missing libc6-dev"

if [ "${CRASHMON_TEST_PACKAGES:-}" = 1 ]; then need mmdebstrap mmdebstrap; fi

# What only `npm run test:runtimes` needs.
if [ "${CRASHMON_TEST_RUNTIMES:-}" = all ]; then
  need javac default-jdk-headless
  # It brings LLVM, of hundreds of megabytes.
  need lldb lldb
  need kotlinc kotlin
  need scalac scala
  need clojure clojure
  need elixir elixir
  need mono mono-runtime
  need mcs mono-mcs
fi

# Installing a server must not start it: Debian runs this file (invoke-rc.d(8)), and 101 means no. An existing file is
# restored.
policy=/usr/sbin/policy-rc.d
forbid_services() {
  [ ! -e "$policy" ] || [ -e "$policy.before" ] || mv "$policy" "$policy.before"
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}
allow_services() {
  rm -f "$policy"
  [ ! -e "$policy.before" ] || mv "$policy.before" "$policy"
}
# Servers must not start at boot either.
disable_services() {
  for package in $missing; do
    case $package in
      redis-server | nginx | postgresql) systemctl disable --quiet "$package" >/dev/null 2>&1 || true ;;
      php-fpm)
        for unit in /lib/systemd/system/php*-fpm.service; do
          systemctl disable --quiet "${unit##*/}" >/dev/null 2>&1 || true
        done
        ;;
      podman)
        systemctl disable --quiet podman.socket podman.service podman-restart.service podman-auto-update.service \
          podman-auto-update.timer >/dev/null 2>&1 || true
        ;;
    esac
  done
}

if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Debian packages:$missing" >&2
    log=$(mktemp)
    trap 'allow_services; stop_installs' EXIT
    forbid_services
    # shellcheck disable=SC2086 # a list of words
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
      tail -n 20 "$log" >&2
      rm -f "$log"
      echo "These packages could not be installed:$missing. Install them and try again." >&2
      exit 1
    fi
    rm -f "$log"
    allow_services
    trap stop_installs EXIT
    disable_services
  else
    echo "The tests need these Debian packages:$missing. Install them (apt-get install$missing) and try again." >&2
    exit 1
  fi
fi

# Installing systemd-coredump would change the machine's core_pattern: it is only unpacked.
coredump=$root/test/debian/systemd-coredump
if [ ! -x "$coredump/lib/systemd/systemd-coredump" ]; then
  unpacked=$coredump.new
  rm -rf "$coredump" "$unpacked"
  mkdir -p "$unpacked"
  # It needs systemd's own libraries, of this version.
  version=$(dpkg-query -W -f '${Version}' systemd)
  download() { (cd "$unpacked" && apt-get download "systemd-coredump=$version" >/dev/null 2>&1); }
  if ! download && ! { apt-get update >/dev/null 2>&1 && download; }; then
    echo "The Debian package systemd-coredump=$version could not be downloaded. Try again." >&2
    exit 1
  fi
  dpkg -x "$unpacked"/*.deb "$unpacked"
  rm "$unpacked"/*.deb
  mv "$unpacked" "$coredump"
fi

# In turn; `set -e` ends this at the first that failed.
while [ -n "$installs" ]; do
  first=${installs# }
  first=${first%% *}
  wait "$first"
  installs=${installs# "$first"}
done
sh "$root/scripts/build-exit-watch.sh"
