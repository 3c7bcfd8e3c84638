#!/bin/sh
# `npm test` with complete matrices, of which the suite has a covering set (test/support/matrix.ts), and with packages that are
# built and installed (test/packages).
set -eu
CRASHMON_TEST_MATRIX=all
CRASHMON_TEST_PACKAGES=1
export CRASHMON_TEST_MATRIX CRASHMON_TEST_PACKAGES
exec sh "$(dirname -- "$0")/test.sh"
