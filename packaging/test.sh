#!/usr/bin/env bash
# Builds Serai and proves that it works. Needs no terminal, no input and no root (sudo only to
# install packages). The last line says it in numbers: "N passed, N failed"; the exit status is 0
# only if nothing failed.
#
#   packaging/test.sh                 all tests, format, include law, cppcheck, sanitizer subset (CI)
#   packaging/test.sh --preset NAME   all tests, built with this CMake preset (dev)
#   packaging/test.sh --only REGEX    only CTest entries whose name matches
#   packaging/test.sh --coverage      all tests with line coverage; below 80 % fails
#   packaging/test.sh --sanitize      address, undefined-behaviour and thread sanitizers, the wide set
#   packaging/test.sh --lint [all]    every static check; clang-tidy on changed files, or on all
#   packaging/test.sh --bench         build and run the benchmarks; a missed bar fails
#
# A GoogleTest test counts as one; so does any other CTest entry, each static check and each
# sanitizer run. Results in XML: build/<preset>/results. JOBS=N limits the compilers at work.
set -euo pipefail
exec </dev/null
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What the sanitizers run: CTest entries, each with an optional GoogleTest filter. The target to
# build has the entry's name. An entry that is gone, or a filter that matches nothing, is a failure.
asan_subset=('unit_http' 'unit_plugins' 'unit_plugins_reload')
tsan_subset=('contract_http_departed' 'unit_plugins_reload:Moving.*')
asan_wide=("${asan_subset[@]}" 'contract_http' 'contract_http_departed' 'unit_storage' 'unit_knowledge')
tsan_wide=('contract_http_departed' 'unit_plugins_reload' 'unit_http' 'contract_http' 'unit_storage' 'unit_jobs'
  'unit_plugins')

export CI="${CI:-true}" LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
# The compiler's cache looks at the files themselves (depend mode): judged by what the preprocessor
# leaves, precompiled headers would outlive a changed comment, and "#pragma once" finds that out.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros
export NINJA_STATUS='[%f/%t, %e s] '
# A developer's own secrets and settings must not change a result.
for variable in $(compgen -v SERAI_ || true); do unset "$variable"; done

preset=dev
only=
mode=default
tidy=changed
usage() { sed -n '2,16s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
while [[ $# -gt 0 ]]; do
  case "$1" in
    --preset | --only)
      [[ $# -ge 2 ]] || { echo "test: $1 needs a value (see --help)" >&2; exit 2; }
      if [[ $1 == --preset ]]; then preset=$2; else only=$2; fi
      mode=tests
      shift 2
      ;;
    --coverage | --sanitize | --bench) mode=${1#--}; shift ;;
    --lint)
      mode=lint
      shift
      if [[ ${1:-} == all ]]; then tidy=all; shift; fi
      ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; echo "test: unknown option: $1" >&2; exit 2 ;;
  esac
done

passed=0 failed=0 skipped=0
failures=()
current_step=start
step() { current_step=$1; printf '\n== %s (at %d s)\n' "$1" "$SECONDS"; }

# Whatever happens, the last line is the sum; an unexpected end is a failure with a name.
finish() {
  local status=$?
  trap - EXIT
  if [[ $status -ne 0 && $failed -eq 0 ]] || [[ ${complete:-} != yes ]]; then
    failed=$((failed + 1))
    failures+=("stopped in step: $current_step")
  fi
  printf '\n== Result (after %d s)\n' "$SECONDS"
  for failure in "${failures[@]}"; do printf 'FAILED %s\n' "$failure"; done
  if [[ $skipped -gt 0 ]]; then
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  else
    printf '%d passed, %d failed\n' "$passed" "$failed"
  fi
  [[ $failed -eq 0 && $passed -gt 0 ]] || exit 1
  exit 0
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# check NAME COMMAND...: one check, counted; a failing one does not stop the others.
check() {
  local name=$1 started=$SECONDS
  shift
  step "$name"
  if "$@" 2>&1; then
    passed=$((passed + 1))
    printf 'ok: %s (%d s)\n' "$name" "$((SECONDS - started))"
  else
    failed=$((failed + 1))
    failures+=("$name")
    printf 'FAILED: %s (%d s)\n' "$name" "$((SECONDS - started))"
  fi
}

# A heavy C++ file takes about 1.5 GiB to compile.
memory_jobs=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo)
jobs=$(nproc)
[[ $memory_jobs -ge $jobs ]] || jobs=$((memory_jobs > 0 ? memory_jobs : 1))
jobs=${JOBS:-$jobs}

sources() {
  find host sdk plugins tests -type f \( -name '*.cpp' -o -name '*.hpp' -o -name '*.h' -o -name '*.c' \) \
    -not -path '*/node_modules/*' -not -path '*/build/*' -not -path 'sdk/template/*' "$@" | sort
}

# --- building and testing ----------------------------------------------------------------------

configure() {  # configure PRESET [cmake options]
  cmake --preset "$1" --log-level=NOTICE "${@:2}"
}

# Databases that are thrown away need no disk: with memory in plenty tests wait for none. Programs
# that tests build must run there.
in_memory() {
  [[ -z ${TMPDIR:-} && -w /dev/shm ]] && ! findmnt -no OPTIONS -T /dev/shm | grep -qw noexec || return 1
  local free
  free=$(df --output=avail -BM /dev/shm | tail -1 | tr -dc 0-9)
  [[ $free -ge 4096 && $(awk '/^MemAvailable:/ {print int($2 / 1024)}' /proc/meminfo) -ge 8192 ]]
}

run_tests() {  # run_tests PRESET: builds everything and runs the CTest entries that are asked for
  local results=build/$1/results sum status=0
  step "Build ($1, $jobs jobs)"
  configure "$1" -DSERAI_TESTS=ON
  cmake --build "build/$1" -j "$jobs"

  step "Tests ($1)"
  rm -rf "$results"
  mkdir -p "$results/gtest"
  local select=()
  [[ -z $only ]] || select=(-R "$only")
  ctest --test-dir "build/$1" "${select[@]}" --show-only=json-v1 >"$results/plan.json"
  local temporary=${TMPDIR:-/tmp}
  if in_memory; then temporary=/dev/shm; fi
  echo "Temporary files: $temporary"
  # One more than there are processors: many wait for servers that restart.
  TMPDIR=$temporary GTEST_OUTPUT="xml:$PWD/$results/gtest/" \
    ctest --test-dir "build/$1" "${select[@]}" -j "$((jobs + 1))" --output-on-failure --no-tests=error \
    --test-output-size-failed 65536 --output-junit "$PWD/$results/ctest.xml" || status=$?
  sum=$(python3 packaging/sum_tests.py "$results/plan.json" "$results/ctest.xml" "$results/gtest" \
    2>"$results/summary.txt")
  cat "$results/summary.txt"
  local run_passed run_failed run_skipped
  read -r run_passed run_failed run_skipped <<<"$sum"
  passed=$((passed + run_passed)) failed=$((failed + run_failed)) skipped=$((skipped + run_skipped))
  mapfile -t -O "${#failures[@]}" failures < <(sed -n 's/^FAILED //p' "$results/summary.txt")
  # CTest's word counts too: it may know of a failure that no file shows.
  if [[ $status -ne 0 && $run_failed -eq 0 ]]; then
    failed=$((failed + 1))
    failures+=("ctest ended with status $status")
  fi
}

# --- static checks -----------------------------------------------------------------------------

format_check() { sources | xargs clang-format --dry-run --Werror; }

cppcheck_check() {
  mkdir -p build/cppcheck
  cppcheck --enable=warning,performance,portability --std=c++20 --language=c++ --inline-suppr \
    --library=googletest --suppressions-list=packaging/lint/cppcheck.txt --error-exitcode=1 --quiet \
    --cppcheck-build-dir=build/cppcheck --template='{file}:{line}: {severity}: {message} [{id}]' \
    -j "$jobs" -I host -I sdk/include --file-list=<(sources -name '*.cpp' -not -path 'tests/fuzz/corpus/*')
}

shell_check() { find .ci packaging tests sdk -name '*.sh' -o -path .ci/run | grep -v node_modules | xargs shellcheck; }

static_checks() {
  check "Format (clang-format)" format_check
  check "Include law" tests/lint/include_law.sh
  check "Include law catches breaches" tests/lint/include_law_test.sh
  check "cppcheck" cppcheck_check
  check "Shell scripts (shellcheck)" shell_check
  check "Demo documents answer the demo questions" python3 tests/lint/demo_questions.py
}

# clang-tidy reads how clang would compile, so that flags only g++ knows do not confuse it. Files
# made during a build are needed, hence the dev build beside it.
tidy_check() {
  local files
  if [[ $tidy == all ]]; then
    files=$(sources -name '*.c*')
  else
    local base
    base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD~1)
    files=$({ git diff --name-only --diff-filter=d "$base"; git ls-files -o --exclude-standard; } |
      grep -E '^(host|sdk|plugins|tests)/.*\.c(pp)?$' | sort -u) || true
  fi
  [[ -n $files ]] || { echo "no C++ file changed"; return 0; }
  cmake -S . -B build/tidy -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang \
    -DCMAKE_CXX_COMPILER=clang++ -DSERAI_PCH=OFF --log-level=NOTICE || return 1
  python3 packaging/lint/tidy.py --jobs "$jobs" <<<"$files"
}

# --- sanitizers --------------------------------------------------------------------------------

# TSan of clang 14 cannot map its shadow when addresses are randomised with many bits.
no_randomisation=()
if setarch -R true 2>/dev/null; then no_randomisation=(setarch -R); fi
export ASAN_OPTIONS=detect_leaks=1:check_initialization_order=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/packaging/lint/tsan.txt

sanitized_run() {  # sanitized_run PRESET ENTRY[:FILTER]
  local preset=$1 entry=${2%%:*} filter='*' results
  [[ $2 != *:* ]] || filter=${2#*:}
  results=$PWD/build/$preset/results/$entry
  rm -rf "$results"
  mkdir -p "$results"
  cmake --build "build/$preset" -j "$jobs" --target "$entry" || return 1
  GTEST_FILTER=$filter GTEST_OUTPUT="xml:$results/" \
    "${no_randomisation[@]}" ctest --test-dir "build/$preset" -R "^$entry\$" --no-tests=error \
    --output-on-failure --test-output-size-failed 65536 || return 1
  # A filter that matches nothing would pass; it must not.
  grep -qE '<testsuites tests="[1-9]' "$results"/*.xml || {
    echo "$entry: no test matches the filter $filter"
    return 1
  }
}

sanitize() {  # sanitize PRESET RUN...
  local preset=$1 run
  step "Configure ($preset)"
  configure "$preset" -DSERAI_TESTS=ON
  for run in "${@:2}"; do check "$preset: $run" sanitized_run "$preset" "$run"; done
}

# --- coverage and benchmarks -------------------------------------------------------------------

coverage_report() {
  gcovr --root . --object-directory build/coverage -j "$jobs" \
    --filter host/ --filter sdk/ --filter plugins/ --exclude '.*/tests/' \
    --exclude-throw-branches --exclude-unreachable-branches --gcov-ignore-parse-errors \
    --xml build/coverage/results/coverage.xml --txt --print-summary --fail-under-line 80
}

# Every benchmark with its bars: tests/bench/README.md.
benchmarks() {
  local plugins=(plugins/*/plugin.yaml)
  plugins=("${plugins[@]%/plugin.yaml}")
  configure release -DSERAI_BENCH=ON -DSERAI_TESTS=ON || return 1
  # The plugins themselves: plugins/all would build their tests, too.
  cmake --build build/release -j "$jobs" --target host/all "${plugins[@]#plugins/}" tests/bench/all || return 1
  tests/bench/run.sh build/release
}

# --- the order of things -----------------------------------------------------------------------

step "Packages"
packaging/dependencies.sh build run test

case "$mode" in
  default)
    static_checks
    run_tests dev
    sanitize asan "${asan_subset[@]}"
    sanitize tsan "${tsan_subset[@]}"
    ;;
  tests) run_tests "$preset" ;;
  lint)
    static_checks
    check "clang-tidy ($tidy)" tidy_check
    ;;
  sanitize)
    sanitize asan "${asan_wide[@]}"
    sanitize tsan "${tsan_wide[@]}"
    ;;
  coverage)
    find build/coverage -name '*.gcda' -delete 2>/dev/null || true
    run_tests coverage
    check "Line coverage of host, sdk and plugins (at least 80 %)" coverage_report
    ;;
  bench)
    packaging/dependencies.sh bench
    check "Benchmarks" benchmarks
    ;;
esac
complete=yes
