#!/usr/bin/env bash
# Installs the Debian 12 packages that Serai needs, and only those that are missing. Called by
# quickstart.sh and test.sh; does nothing, in a fraction of a second, when everything is there.
#
#   packaging/dependencies.sh [--list] [build] [run] [parts] [test] [bench]     (default: build run)

# The lists are read by name (declare -n), which the checker cannot see.
# shellcheck disable=SC2034
set -euo pipefail

build=(
  g++ cmake ninja-build ccache pkg-config binutils
  libpistache-dev                               # listener and reactor of the default HTTP adapter
  libboost1.81-dev libboost-filesystem1.81-dev  # DLL (plugin loading), Asio (second adapter), Regex (schemas)
  libfaiss-dev libopenblas-serial-dev           # vector search
  libpqxx-dev libpq-dev                         # PostgreSQL as the engine of the database
  libsqlite3-dev libsodium-dev libssl-dev       # storage; passwords, secrets, signatures; tokens, TLS
  libspdlog-dev libfmt-dev nlohmann-json3-dev libvalijson-dev libyaml-cpp-dev libyaml-dev libcli11-dev
  libcurl4-openssl-dev zlib1g-dev
  libhiredis-dev                                # the cache and limits that nodes share
  libjemalloc-dev                               # the allocator of the program
  libseccomp-dev                                # system-call filter of isolated plugins
  libpango1.0-dev libcairo2-dev                 # text and pages in pdf
  libgmime-3.0-dev libkainjow-mustache-dev      # MIME of inbound-email and mail; templates in mail
  libicu-dev libstemmer-dev libzip-dev libxml2-dev libeigen3-dev  # text and retrieval in knowledge
)
run=(
  ca-certificates  # to reach an AI provider over TLS
  poppler-utils    # pdftotext, started as a process of its own
  fontconfig fonts-dejavu-core fonts-noto-core  # for pdf: Latin, Greek, Cyrillic, Arabic, Hebrew, Thai, Indic
  fonts-wqy-microhei  # Chinese, Japanese and Korean in 2 MB; fonts-noto-cjk (60 MB) looks better
)
# What parts.sh starts for a look at profiles/standard.yaml; Node.js besides, for the S3 store.
parts=(postgresql-15 redis-server)
# The formatter, linters and clang are pinned by Debian: the same version everywhere.
test=(
  libgtest-dev libgmock-dev
  mold  # links test programs several times faster
  clang clang-format clang-tidy cppcheck shellcheck libclang-rt-14-dev
  libc++-dev libc++abi-dev  # a plugin with another C++ standard library than the host's
  redis-server  # for the tests to start
  nginx-light   # the same, in front of several nodes
  dovecot-imapd  # mailboxes that inbound-email polls
  doxygen  # the SDK's API reference
  postgresql-15  # servers that tests start for themselves
  abigail-tools gcovr curl jq openssl sqlite3 python3 python3-yaml
)
bench=(
  libbenchmark-dev wrk python3-fastapi uvicorn python3-asyncpg
  # What weasyprint needs; it cannot be installed itself, see tests/bench/pdf/run.py.
  libpangoft2-1.0-0 python3-cffi python3-cssselect2 python3-html5lib python3-pil python3-pydyf
  python3-pyphen python3-tinycss2
)

usage() { sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
fail() { printf 'dependencies: %s\n' "$*" >&2; exit 1; }

list_only=false
groups=()
for argument in "$@"; do
  case "$argument" in
    --list) list_only=true ;;
    build | run | parts | test | bench) groups+=("$argument") ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown argument: $argument" ;;
  esac
done
[[ ${#groups[@]} -gt 0 ]] || groups=(build run)

wanted=()
for group in "${groups[@]}"; do
  declare -n members="$group"
  wanted+=("${members[@]}")
  unset -n members
  # For tests/e2e/openapi-lint, tests/support/s3_server and smtp_server, which `npm ci` their pinned packages.
  # Node.js may come from elsewhere than Debian, and then brings its own npm: ask for the commands.
  if [[ $group == test || $group == parts ]] && ! { command -v node && command -v npm; } >/dev/null; then
    wanted+=(nodejs npm)
  fi
done

if $list_only; then
  printf '%s\n' "${wanted[@]}"
  exit 0
fi
command -v dpkg-query >/dev/null || fail "this machine has no dpkg. Serai builds on Debian 12; elsewhere
install the equivalents of: ${wanted[*]}"

# One line per package that dpkg knows; those it does not know go to stderr and are missing too.
installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
missing=()
for package in "${wanted[@]}"; do
  grep -qxF "installed $package" <<<"$installed" || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || fail "not root and no sudo. As root, run:
  apt-get install --no-install-recommends ${missing[*]}"
  as_root=(sudo)
fi
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -y -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null
}

printf 'dependencies: installing %d package(s): %s\n' "${#missing[@]}" "${missing[*]}"
known=$(apt-cache policy "${missing[@]}" 2>/dev/null | grep -c '^  Candidate: [^(]' || true)
refreshed=false
if [[ $known -lt ${#missing[@]} ]]; then
  apt update || fail "apt-get update failed: is there a network, and is /etc/apt/sources.list right?"
  refreshed=true
fi
if ! apt install --no-install-recommends "${missing[@]}"; then
  ! $refreshed || fail "apt-get install failed; the packages are named for Debian 12 (bookworm)"
  # The lists were older than the mirror: refresh once, then try again.
  apt update || true
  apt install --no-install-recommends "${missing[@]}" ||
    fail "apt-get install failed; the packages are named for Debian 12 (bookworm)"
fi
