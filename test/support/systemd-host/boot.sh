#!/bin/sh
# Usage: boot.sh BASE [SHARED…]
# Becomes systemd as process 1 of a host of its own: an overlay of this machine's root in memory, in namespaces of its own.
# BASE is an empty directory; the SHARED directories are the same inside. Run it in a cgroup of its own, by
# `unshare --mount --propagation private --pid --fork --kill-child --cgroup --uts --ipc --net`.
set -eu
base=$1
shift
root=$base/root

# A disk outlives the host.
isDisk=
if mountpoint -q "$base"; then isDisk=yes; else mount -t tmpfs -o mode=755 tmpfs "$base"; fi
isFirst=
[ -d "$base/upper" ] || isFirst=yes
mkdir -p "$base/upper" "$base/work" "$base/log" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" overlay "$root"
for directory in run tmp var/lib/systemd dev; do
  mkdir -p "$root/$directory"
  mount -t tmpfs -o mode=755 tmpfs "$root/$directory"
done
mount --bind "$base/log" "$root/var/log"
chmod 1777 "$root/tmp"
mkdir "$root/run/lock" "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
# The machine's own services must not start, nor what it was booted for; and its own Crashmon is another one.
[ -z "$isFirst" ] || rm -rf "$root"/etc/systemd/system/* "$root"/var/lib/crashmon* "$root"/etc/crashmon

# Read-only: systemd sets kernel parameters, core_pattern among them, and those are the whole machine's.
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
# Each boot of a disk has its own; units with ProtectKernelTunables= see this machine's all the same.
if [ -n "$isDisk" ]; then
  cat /proc/sys/kernel/random/uuid >"$base/boot_id"
  mount --bind "$base/boot_id" "$root/proc/sys/kernel/random/boot_id"
fi
[ ! -e "$root/proc/sysrq-trigger" ] || mount --bind /dev/null "$root/proc/sysrq-trigger"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"

for device in null zero full random urandom tty; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"

[ -z "$isFirst" ] || tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
: >"$root/etc/fstab"
echo crashmon-test >"$root/etc/hostname"
mkdir -p "$root/etc/systemd/system" "$root/etc/systemd/journald.conf.d" "$root/etc/systemd/system-generators"
for unit in systemd-sysctl systemd-udevd systemd-udev-trigger systemd-networkd systemd-timesyncd systemd-resolved \
  systemd-modules-load systemd-binfmt systemd-random-seed modprobe@ systemd-sysusers systemd-update-utmp \
  systemd-update-utmp-runlevel; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit.service"
done
for unit in systemd-journald-audit.socket getty.target proc-sys-fs-binfmt_misc.automount sys-kernel-debug.mount \
  sys-kernel-tracing.mount sys-fs-fuse-connections.mount dev-hugepages.mount dev-mqueue.mount; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# Each daemon-reload starts all of them, and here they find nothing to generate.
for generator in "$root"/lib/systemd/system-generators/*; do
  ln -sf /dev/null "$root/etc/systemd/system-generators/${generator##*/}"
done
printf '[Journal]\nAudit=no\nReadKMsg=no\nStorage=persistent\n' >"$root/etc/systemd/journald.conf.d/test.conf"

for shared; do
  mkdir -p "$root$shared"
  mount --bind "$shared" "$root$shared"
done

mkdir -p "$root/mnt/old"
cd "$root"
pivot_root . mnt/old
umount -l /mnt/old
# Without `container` systemd writes core_pattern of the whole machine.
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin container=crashmon-test \
  /lib/systemd/systemd --system --unit=multi-user.target --show-status=0 --log-target=journal
