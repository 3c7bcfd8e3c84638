#!/bin/sh
# Usage: install-deb.sh, inside a clean Debian, as root, with the package as /tmp/crashmon.deb
# Installs it, uses it, upgrades it, purges it, and prints what each step showed.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH DEBIAN_FRONTEND=noninteractive

files() {
  find / -xdev '(' -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/log -o -path /var/cache \
    -o -path /var/lib/dpkg -o -path /var/lib/apt ')' -prune -o -print | grep -vE '^/etc/(passwd|group|shadow|gshadow|subuid|subgid)-$' | sort
  sort /etc/passwd /etc/group
}

mount -t proc proc /proc
trap 'umount /proc' EXIT
files >/tmp/before
# A worker that was here before.
sleep 1000 &
worker=$!
dpkg --install /tmp/crashmon.deb >/tmp/install.log 2>&1 || { cat /tmp/install.log; exit 1; }
echo "version: $(crashmon --version)"
echo "user: $(getent passwd crashmon | cut -d: -f1,6,7)"
crashmon run --name job --restart never -- sh -c 'exit 7' 2>/dev/null || echo "exit: $?"
crashmon crashes job --json | grep -m1 -o '"app": *"job"' | tr -d ' '
crashmon agent --check-config
echo "page: $(zcat /usr/share/man/man1/crashmon-run.1.gz | head -1 | cut -c1-3)"
bash -c '. /usr/share/bash-completion/completions/crashmon
  COMP_WORDS=(crashmon portal tok) COMP_CWORD=2; _crashmon; echo "completion: ${COMPREPLY[*]}"'
ls -l /etc/crashmon | awk 'NR > 1 { print "setting:", $1, $3, $NF }'
echo '# mine' >>/etc/crashmon/portal.env
mkdir -p /var/lib/crashmon-portal && chown crashmon /var/lib/crashmon-portal
(
  set -a && . /etc/crashmon/portal.env
  CRASHMON_DATA_DIR=/var/lib/crashmon-portal CRASHMON_PORT=0 CRASHMON_LOG_FORMAT=json \
    exec setpriv --reuid crashmon --regid crashmon --clear-groups crashmon portal >/tmp/portal.log 2>&1
) &
portal=$!
until grep -q listening /tmp/portal.log; do kill -0 $portal; sleep 0.1; done
kill $portal
wait $portal && echo 'portal: ended'
dpkg --install /tmp/crashmon.deb >/tmp/upgrade.log 2>&1 || { cat /tmp/upgrade.log; exit 1; }
echo "kept: $(tail -n 1 /etc/crashmon/portal.env)"
dpkg --remove crashmon >/dev/null 2>&1
[ -e /usr/bin/crashmon ] || echo 'removed, settings kept:' /etc/crashmon/*
dpkg --purge crashmon >/dev/null 2>&1
kill -0 $worker && echo 'worker: untouched'
kill $worker
files >/tmp/after
diff /tmp/before /tmp/after && echo 'purged: nothing left'
