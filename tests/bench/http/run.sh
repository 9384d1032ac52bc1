#!/usr/bin/env bash
# Throughput of a no-op plugin's route through the whole stack (codec, router, access token, tenant,
# permission, rate limits, validation, plugin) against bare hello servers. All are asked in turn,
# several rounds, so that a noisy machine treats them alike; the medians' ratios are what counts.
# run.sh BUILD_DIRECTORY   (a Release build with -DSERAI_BENCH=ON; needs wrk, uvicorn, jq)
set -euo pipefail

build=$(realpath "${1:?usage: run.sh BUILD_DIRECTORY}")
here=$(dirname "$(realpath "$0")")
rounds=${ROUNDS:-5} seconds=${SECONDS_EACH:-4} connections=${CONNECTIONS:-32}
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

"$build/bin/bare_beast" 18081 1 & pids+=($!)
"$build/bin/bare_pistache" 18082 1 & pids+=($!)
(cd "$here" && exec uvicorn --log-level warning --port 18083 fastapi_hello:app) & pids+=($!)
"$build/bin/serai" serve --profile "$here/profile.yaml" --data "$work/data" --demo > "$work/out" 2> "$work/log" & pids+=($!)
until grep -q 'serving on' "$work/out"; do kill -0 "${pids[-1]}" || { cat "$work/log"; exit 1; }; sleep 0.1; done

url=$(jq -r .url "$work/data/serve.json")
token=$(curl -sS "$url/api/v1/auth/login" -H 'Content-Type: application/json' \
  -d "$(jq '{email, password}' "$work/data/demo.json")" | jq -r .access_token)

# load NAME URL [HEADER]: requests per second of one round, appended to the name's file.
load() {
  local out
  out=$(wrk -t1 -c"$connections" -d"${seconds}s" -H 'Connection: keep-alive' ${3:+-H "$3"} "$2")
  if grep -q 'Non-2xx' <<< "$out"; then echo "$1 answers errors: $out" >&2; exit 1; fi
  awk '/Requests\/sec/ {print $2}' <<< "$out" >> "$work/$1.rps"
}

until curl -sf http://127.0.0.1:18083/hello > /dev/null; do sleep 0.1; done
for ((round = 0; round < rounds; ++round)); do
  load serai "$url/api/v1/noop/world?times=2" "Authorization: Bearer $token"
  load beast http://127.0.0.1:18081/hello
  load pistache http://127.0.0.1:18082/hello
  load fastapi http://127.0.0.1:18083/hello
done

median() { sort -n "$work/$1.rps" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
serai=$(median serai)
printf '%-28s %10s %8s\n' server 'requests/s' ratio
printf '%-28s %10.0f\n' 'serai, whole stack' "$serai"
for peer in beast pistache fastapi; do
  ratio=$(awk "BEGIN {print $serai / $(median $peer)}")
  printf '%-28s %10.0f %8.2f\n' "bare $peer" "$(median $peer)" "$ratio"
  case $peer in beast) bar='>=\t0.8' ;; fastapi) bar='>=\t2.5' ;; *) bar='=\t-' ;; esac
  printf "result\trequests/s, whole stack / bare %s\t%.2f\t$bar\n" "$peer" "$ratio"
done
