#!/usr/bin/env bash
# Runs server.mjs with the pinned packages: run.sh ARGUMENTS... Installs them with `npm ci` on first use
# and when the lock file changed. The process becomes Node.js itself, so that whoever started it can
# stop it by its id.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# Several tests may arrive here at once: one installs, the others wait.
exec 9>.install.lock
flock 9
if ! cmp -s package-lock.json node_modules/.serai-installed; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >&2 || {
    echo "smtp_server: npm ci failed (is the npm registry reachable?)" >&2
    exit 2
  }
  cp package-lock.json node_modules/.serai-installed
fi
exec 9>&-
exec node server.mjs "$@"
