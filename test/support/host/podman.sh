#!/bin/sh
# Usage: podman.sh NODE FILE…
# On a test host: makes Podman usable, and an image `registry.test:5000/team/app:1` with what NODE needs, except NODE, and
# the FILEs in /srv/app.
set -eu
node=$1
shift
# No network, no controllers for limits, and no right to raise limits. The overlay of a test host takes no other on top.
cat >/etc/containers/containers.conf <<X
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
pids_limit = 0
netns = "host"
log_driver = "k8s-file"
[engine]
runtime = "runc"
events_logger = "file"
X
cat >/etc/containers/storage.conf <<X
[storage]
driver = "vfs"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"
X
root=$(mktemp -d)
mkdir -p "$root/srv/app" "$root/tmp" "$root/proc" "$root/sys" "$root/dev" "$root/etc" "$root/usr/local/bin"
for library in $(ldd "$node" | grep -o '/[^ ]*'); do
  mkdir -p "$root${library%/*}"
  cp -L "$library" "$root$library"
done
for file; do cp "$file" "$root/srv/app"; done
tar -C "$root" -c . | podman import --quiet - registry.test:5000/team/app:1
rm -rf "$root"
systemctl start podman.socket
