#!/bin/sh
# Usage: build-deb.sh [folder]
# Builds the Debian package for this machine's architecture, with dpkg-deb alone (Debian package dpkg), into a folder (default:
# this checkout). Two builds of one commit are equal byte for byte, with the same C compiler and npm. It brings its Node.js:
# Debian 12 and 13 have older ones. CRASHMON_DEB_LEVEL: compression of zstd, 1 to 22 (default 19).
set -eu
umask 022
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
out=${1:-$root}
cd -- "$root"
unset NODE_OPTIONS

architecture=$(dpkg --print-architecture)
case $architecture in
  amd64) cpu=x64 ;;
  arm64) cpu=arm64 ;;
  *) echo "build-deb.sh: npm has no Node.js 24 for $architecture." >&2 && exit 1 ;;
esac
sh scripts/build.sh
sh scripts/locked-install.sh "$root/runtime" production node 'Node.js 24'
PATH=$root/node_modules/.bin:$PATH
export PATH

version=$(node -p 'require("./package.json").version')
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)}
export SOURCE_DATE_EPOCH

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
chmod 755 "$stage"
home=$stage/usr/lib/crashmon
mkdir -p "$home"

# What the npm package has, and its dependencies.
npm pack --silent --ignore-scripts --pack-destination "$stage" >/dev/null
tar -xzf "$stage"/crashmon-*.tgz -C "$home" --strip-components=1
rm "$stage"/crashmon-*.tgz
rm -r "$home/docs/man" "$home/deploy" "$home/runtime" "$home/scripts"
cp package-lock.json .npmrc "$home"
npm ci --prefix "$home" --omit=dev --ignore-scripts --prefer-offline --no-audit --no-fund --silent
rm -f "$home/package-lock.json" "$home/.npmrc" "$home/node_modules/.package-lock.json"
rm -rf "$home/node_modules/.bin"
install -D "runtime/node_modules/node-linux-$cpu/bin/node" "$home/runtime/node"
strip --strip-unneeded "$home/runtime/node"

mkdir -p "$stage/usr/bin"
ln -s ../lib/crashmon/dist/cli/start/crashmon.sh "$stage/usr/bin/crashmon"
install -D -m 644 -t "$stage/usr/lib/systemd/system" deploy/systemd/*.service
install -D -m 600 -t "$stage/etc/crashmon" deploy/debian/agent.toml deploy/debian/portal.env
for page in docs/man/*.1; do
  install -D -m 644 "$page" "$stage/usr/share/man/man1/${page##*/}"
done
gzip -9n "$stage"/usr/share/man/man1/*
node scripts/write-completions.ts "$stage/completions"
install -D -m 644 "$stage/completions/crashmon.bash" "$stage/usr/share/bash-completion/completions/crashmon"
install -D -m 644 -t "$stage/usr/share/zsh/vendor-completions" "$stage/completions/_crashmon"
install -D -m 644 -t "$stage/usr/share/fish/vendor_completions.d" "$stage/completions/crashmon.fish"
rm -r "$stage/completions"
documents=$stage/usr/share/doc/crashmon
install -D -m 644 CHANGELOG.md "$documents/changelog"
gzip -9n "$documents/changelog"
{
  echo 'Crashmon, and below it the license of the Node.js that the package brings (runtime/node).'
  echo 'The licenses of other packages are in /usr/lib/crashmon/node_modules.'
  echo && cat LICENSE && echo && cat "runtime/node_modules/node-linux-$cpu/LICENSE"
} >"$documents/copyright"

install -D -m 755 -t "$stage/DEBIAN" deploy/debian/postinst deploy/debian/prerm deploy/debian/postrm
printf '%s\n' /etc/crashmon/agent.toml /etc/crashmon/portal.env >"$stage/DEBIAN/conffiles"
cat >"$stage/DEBIAN/control" <<CONTROL
Package: crashmon
Version: $version
Architecture: $architecture
Maintainer: Crashmon <crashmon@localhost>
Installed-Size: $(du -sk --apparent-size --exclude=DEBIAN "$stage" | cut -f1)
Depends: adduser, init-system-helpers, libc6 (>= 2.28), libgcc-s1, libstdc++6
Recommends: binutils, elfutils, gdbserver
Suggests: gdb
Section: admin
Priority: optional
Description: proactive crash monitoring for web apps
 Finds out why web apps crash: counts crashes, restarts the worker, and
 captures the call stack, in any of a dozen languages. Exception messages
 never leave the machine. Contains the command, the agent for a whole host
 and the portal for all instances.
CONTROL
chmod -R u+rwX,go+rX,go-w "$stage"
chmod 600 "$stage"/etc/crashmon/*
find "$stage" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
package=$out/crashmon_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zzstd -z"${CRASHMON_DEB_LEVEL:-19}" --threads-max=1 --build "$stage" "$package" >/dev/null
echo "$package"
