#!/usr/bin/env bash
# Runs server.mjs or sign.mjs with the pinned packages: run.sh PROGRAM ARGUMENTS... Installs them
# with `npm ci` on first use and when the lock file changed. The process becomes Node.js itself, so
# that whoever started it can stop it by its id.
set -euo pipefail
program=$1
shift
cd "$(dirname "${BASH_SOURCE[0]}")"
# Several tests may arrive here at once: one installs, the others wait.
exec 9>.install.lock
flock 9
if ! cmp -s package-lock.json node_modules/.serai-installed; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >&2 || {
    echo "s3_server: npm ci failed (is the npm registry reachable?)" >&2
    exit 2
  }
  cp package-lock.json node_modules/.serai-installed
fi
exec 9>&-
# s3rver hides the place of a list in a token by DES, which OpenSSL 3 has in its legacy provider only.
exec node --openssl-legacy-provider "$program" "$@"
