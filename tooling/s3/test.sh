#!/usr/bin/env bash
# The S3 tests against a real server: the one in S3_ENDPOINT (with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if
# needed, S3_REGION and S3_BUCKET), or else a Ceph of their own. Arguments go to vitest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tests=(vitest run packages/driver-s3 test/s3- "$@")
[ -z "${S3_ENDPOINT:-}" ] || exec "${tests[@]}"
exec tooling/s3/ceph.sh run "${tests[@]}"
