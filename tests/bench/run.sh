#!/usr/bin/env bash
# Runs the benchmarks of a Release build made with -DSERAI_BENCH=ON, one after the other, and prints
# what each found beside its bar. Ends with 1 when one breaks down or misses its bar.
#
#   tests/bench/run.sh BUILD_DIRECTORY [NAME...]     NAME: a folder beside this file; without: all
set -euo pipefail
here=$(dirname "$(realpath "$0")")
build=$(realpath "${1:?usage: run.sh BUILD_DIRECTORY [NAME...]}")
shift
found=$(mktemp) log=$(mktemp)
trap 'rm -f "$found" "$log"' EXIT

if [[ $# -gt 0 ]]; then
  names=("$@")
else
  names=()
  for script in "$here"/*/run.*; do names+=("$(basename "$(dirname "$script")")"); done
fi
for name in "${names[@]}"; do
  scripts=("$here/$name"/run.*)
  [[ -x ${scripts[0]} ]] || { echo "bench: there is no benchmark $name" >&2; exit 2; }
  printf '\n-- %s\n' "$name"
  broken=
  set +e
  "${scripts[0]}" "$build" | tee "$log" | grep -v $'^result\t'
  [[ ${PIPESTATUS[0]} -eq 0 ]] || broken="it broke down"
  set -e
  sed -n "s/^result\t/$name\t/p" "$log" >> "$found"
  [[ -n $broken ]] || grep -q $'^result\t' "$log" || broken="it found nothing"
  [[ -z $broken ]] || printf '%s\t%s\t-\t-\t-\n' "$name" "$broken" >> "$found"
done

printf '\n'
awk -F'\t' '
  BEGIN { printf "%-10s %-52s %10s   %-9s\n", "benchmark", "what", "found", "bar" }
  {
    verdict = ""
    if ($3 == "-") verdict = "BROKEN"
    else if ($4 == "<=") verdict = $3 + 0 <= $5 + 0 ? "met" : "MISSED"
    else if ($4 == ">=") verdict = $3 + 0 >= $5 + 0 ? "met" : "MISSED"
    if (verdict == "BROKEN" || verdict == "MISSED") bad++
    printf "%-10s %-52s %10s   %-9s %s\n", $1, $2, $3, $4 == "=" ? "" : $4 " " $5, verdict
  }
  END {
    if (bad) printf "%d missed or broken\n", bad
    exit bad > 0
  }' "$found"
