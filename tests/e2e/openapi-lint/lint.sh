#!/usr/bin/env bash
# Lints an OpenAPI 3.1 document (JSON): lint.sh FILE. Installs the pinned linter with `npm ci` on
# first use and when the lock file changed. Exit status 0: no error; 1: errors; 2: cannot lint.
set -euo pipefail
[[ $# -eq 1 && -r $1 ]] || { echo "usage: lint.sh openapi.json (a readable file)" >&2; exit 2; }
file=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")"

# Two tests may arrive here at once: one installs, the other waits.
exec 9>.install.lock
flock 9
if ! cmp -s package-lock.json node_modules/.serai-installed; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >&2 || {
    echo "openapi-lint: npm ci failed (is the npm registry reachable?)" >&2
    exit 2
  }
  cp package-lock.json node_modules/.serai-installed
fi
exec 9>&-
exec node lint.mjs "$file"
