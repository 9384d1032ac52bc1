#!/usr/bin/env bash
# From a fresh checkout on Debian 12 to a running Serai with a demo tenant. Safe to run again: it
# installs only what is missing, builds only what changed, and keeps the data it finds.
#
#   packaging/quickstart.sh [options]
#     --profile NAME      minimal: one process and files (the default); standard: with a PostgreSQL, a
#                         Redis and an S3 store, which packaging/parts.sh starts and stops; full: the same
#     --data DIR          where databases, documents and generated secrets live (build/release/data;
#                         other profiles than minimal: build/release/data-NAME)
#     --listen ADDR       host:port to serve on (127.0.0.1:8080)
#     --management ADDR   host:port of health and metrics (127.0.0.1:9090)
#     --no-serve          install and build only
#     --help              this text
set -euo pipefail

usage() { sed -n '2,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
fail() { printf '\nquickstart: %s\n' "$*" >&2; exit 1; }
step() { printf '\n== %s\n' "$*"; }

caller_folder=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."

profile=minimal
data=
listen=127.0.0.1:8080
management=127.0.0.1:9090
serve=true
while [[ $# -gt 0 ]]; do
  case "$1" in
    --profile | --data | --listen | --management)
      [[ $# -ge 2 && -n $2 ]] || fail "$1 needs a value (see --help)"
      case "$1" in
        --profile) profile=$2 ;;
        --listen) listen=$2 ;;
        --management) management=$2 ;;
        --data) [[ $2 == /* ]] && data=$2 || data=$caller_folder/$2 ;;
      esac
      shift 2
      ;;
    --no-serve) serve=false; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown option: $1" ;;
  esac
done
case "$profile" in
  minimal) data=${data:-build/release/data} groups=(build run) ;;
  standard | full) data=${data:-build/release/data-$profile} groups=(build run parts) ;;
  *) fail "there is no profile $profile; choose minimal, standard or full" ;;
esac
for address in "$listen" "$management"; do
  [[ $address =~ ^.+:[0-9]+$ ]] || fail "$address is not host:port, such as 127.0.0.1:8081"
done

# Ask before the build, not after it: is the port free?
in_use() { (exec 3<>"/dev/tcp/${1%:*}/${1##*:}") 2>/dev/null; }
if $serve; then
  ! in_use "$listen" || fail "$listen is in use already; choose another with --listen 127.0.0.1:PORT"
  ! in_use "$management" ||
    fail "$management is in use already; choose another with --management 127.0.0.1:PORT"
fi

step "Packages"
packaging/dependencies.sh "${groups[@]}"
echo "all there"

# A C++ compiler takes about 1.5 GiB for a heavy file: fewer jobs on a small machine.
jobs=$(nproc)
memory_jobs=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo)
[[ $memory_jobs -ge 1 ]] || memory_jobs=1
[[ $jobs -le $memory_jobs ]] || jobs=$memory_jobs

step "Configure"
cmake --preset release -DSERAI_TESTS=OFF --log-level=NOTICE ||
  fail "cmake could not configure; the reason stands above. A stale build/release can be deleted."

step "Build with $jobs job(s): some minutes the first time, seconds after"
NINJA_STATUS='[%f/%t, %e s] ' CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 \
  CCACHE_SLOPPINESS=pch_defines,time_macros \
  cmake --build build/release -j "$jobs" ||
  fail "the build stopped; the first error stands above"

if ! $serve; then
  printf '\nBuilt. Start it with: packaging/quickstart.sh --profile %s\n' "$profile"
  exit 0
fi

mkdir -p "$data"
host=(build/release/bin/serai serve --data "$data" --listen "$listen" --management "$management"
  --demo --demo-content packaging/demo)
if [[ $profile == minimal ]]; then
  step "Serve on http://$listen (stop with Ctrl-C; the log goes to $data/serai.log)"
  exec "${host[@]}" --profile profiles/minimal.yaml 2>> "$data/serai.log"
fi
step "Serve on http://$listen, with a PostgreSQL, a Redis and an S3 store in $data/parts
   (stop all with Ctrl-C; the log goes to $data/serai.log)"
# shellcheck disable=SC2016  # for the shell that is started
PUBLIC_URL=http://$listen exec packaging/parts.sh "$data" "profiles/$profile.yaml" \
  bash -c 'exec 2>> "$0"; exec "$@"' "$data/serai.log" \
  "${host[@]}" --profile "$data/parts/profile.yaml"
