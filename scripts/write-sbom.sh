#!/bin/sh
# Usage: write-sbom.sh [folder]
# Bills of materials (CycloneDX) of what a release contains: the npm package with its dependencies, and the Node.js of the Debian
# package. From the lock files alone.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
mkdir -p "${1:-$root}"
out=$(CDPATH='' cd -- "${1:-$root}" && pwd)
write() { (cd "$1" && npm sbom --sbom-format cyclonedx --package-lock-only --omit dev) >"$out/$2"; }
write "$root" crashmon.cdx.json
write "$root/runtime" crashmon-runtime.cdx.json
