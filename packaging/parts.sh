#!/usr/bin/env bash
# The servers that profiles/standard.yaml counts on, for a look on one machine: starts a PostgreSQL 15,
# a Redis and an S3 store of this folder's own, then COMMAND; when that ends, or this script is asked
# to stop, stops COMMAND first and then the three. What they hold is kept for the next time.
#
#   packaging/parts.sh DATA PROFILE COMMAND...
#
# DATA/parts gets: what the servers keep; their logs; secrets/, made once, readable by you alone; and
# profile.yaml, a copy of PROFILE with the addresses filled in and environment: development, as its
# head says. COMMAND finds in the environment where the secrets lie (SERAI_POSTGRES_FILE and so on).
# PostgreSQL and Redis listen on Unix sockets in DATA/parts, the S3 store (tests/support/s3_server, made
# for tests: not for files you need) on a free port of 127.0.0.1. PUBLIC_URL: for auth.frontend_url and listen.url.
set -euo pipefail
umask 077

fail() { printf '\nparts: %s\n' "$*" >&2; exit 1; }
[[ $# -ge 3 ]] || { sed -n '2,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
profile=$2
mkdir -p "$1"
parts=$(cd "$1" && pwd)/parts
shift 2
[[ -r $profile ]] || fail "$profile cannot be read"

# --- what is needed -------------------------------------------------------------------------------

# The path goes into settings of three servers, each with quotes of its own.
[[ $parts != *[\'\"\\,%\&\|$'\n']* ]] || fail "$parts: a quote, comma, backslash, %, & or | in this path
would be misread; choose another folder with --data"
# A Unix socket's path has 107 bytes at most.
[[ $(printf %s "$parts/postgres/socket/.s.PGSQL.5432" | wc -c) -le 107 ]] ||
  fail "$parts is too long a path for a Unix socket; choose a shorter folder with --data"
postgres_programs=/usr/lib/postgresql/15/bin
for program in "$postgres_programs/postgres" redis-server redis-cli node npm setpriv setsid flock; do
  command -v "$program" >/dev/null ||
    fail "$program is missing; install what this needs with: packaging/dependencies.sh parts"
done

# PostgreSQL refuses root; then it runs as the user that Debian's package has made for it.
postgres_user=$(id -un)
as_postgres=(setpriv)
if [[ $(id -u) -eq 0 ]]; then
  postgres_user=postgres
  id -u postgres >/dev/null 2>&1 || fail "PostgreSQL refuses root, and there is no user postgres"
  as_postgres=(setpriv --reuid=postgres --regid="$(id -g postgres)" --clear-groups)
fi

mkdir -p "$parts/secrets" "$parts/redis" "$parts/s3"
if [[ $postgres_user == postgres ]]; then
  # So that it reaches its own folder; what lies beside it stays closed.
  chmod a+x "$(dirname "$parts")" "$parts"
  mkdir -p "$parts/postgres"
  chown postgres: "$parts/postgres"
  "${as_postgres[@]}" test -w "$parts/postgres" ||
    fail "as root, PostgreSQL runs as the user postgres, who may not enter $parts; choose a folder that
others may enter with --data (such as /var/tmp/serai), or be an ordinary user"
fi
mkdir -p "$parts/postgres"
exec 8>"$parts/lock"
flock --nonblock 8 || fail "$parts is in use by another one of these; stop it first, or choose another --data"

# What will be filled in; each stands there once.
values=('environment: production' 'drain_time: 5 s' 'endpoint: "https://s3.eu-central-1.amazonaws.com"'
  'bucket: serai-example' 'address: "redis.internal:6379"' 'frontend_url: "https://serai.example.com"' '  url: "https://serai.example.com"')
text=$(<"$profile")
for value in "${values[@]}"; do
  [[ $(grep -cF -- "$value" <<<"$text") -eq 1 ]] ||
    fail "$profile does not say \"$value\", once, for me to change"
done

# --- starting and stopping ------------------------------------------------------------------------

command_pid=
part_pids=()  # in the order of their starts
gone() { [[ ! -e /proc/$1 ]] || [[ $(cut -d' ' -f3 "/proc/$1/stat" 2>/dev/null) == Z ]]; }
# shellcheck disable=SC2317  # called by a trap
stop_command() {  # stop_command STATUS: ours, if there is no command yet; else it ends as that ends
  [[ -n $command_pid ]] || exit "$1"
  kill -TERM "$command_pid" 2>/dev/null || true
}
# shellcheck disable=SC2317  # called by a trap
stop_all() {
  trap '' INT TERM HUP
  local index
  for ((index = ${#part_pids[@]} - 1; index >= 0; --index)); do
    # INT is PostgreSQL's "fast": clients are cut, what was committed is written.
    kill -INT "${part_pids[index]}" 2>/dev/null || true
    wait "${part_pids[index]}" 2>/dev/null || true
  done
}
trap stop_all EXIT
trap 'stop_command 130' INT
trap 'stop_command 143' TERM HUP

# In a session of its own, so that Ctrl-C in a terminal reaches us alone and the command ends before
# what it works with; and with us if we are killed.
start() {  # start NAME COMMAND...
  local name=$1
  shift
  "$@" >"$parts/$name.log" 2>&1 </dev/null 8>&- &
  part_pids+=($!)
}
detached=(setsid setpriv --pdeathsig INT)
until_ready() {  # until_ready NAME CONDITION...: the last part started
  local name=$1 deadline=$((SECONDS + 300))  # npm may have to fetch packages first
  shift
  until "$@" >/dev/null 2>&1; do
    if gone "${part_pids[-1]}" || [[ $SECONDS -ge $deadline ]]; then
      tail -n 5 "$parts/$name.log" >&2
      fail "$name did not start; the reason stands above, all of it in $parts/$name.log"
    fi
    sleep 0.1
  done
}
secret() {  # secret NAME: made once
  local file=$parts/secrets/$1
  [[ -s $file ]] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$file"
  cat "$file"
}
keep() { printf '%s' "$2" >"$parts/secrets/$1"; }  # keep NAME TEXT

# --- PostgreSQL -----------------------------------------------------------------------------------

cluster=$parts/postgres/cluster
socket=$parts/postgres/socket
if [[ ! -f $cluster/PG_VERSION ]]; then
  rm -rf "$cluster.new"  # an initdb that was interrupted
  (cd / && "${as_postgres[@]}" "$postgres_programs/initdb" --pgdata="$cluster.new" --username=postgres \
    --auth=reject --locale=C.UTF-8 --encoding=UTF8 >"$parts/initdb.log" 2>&1) ||
    fail "initdb failed: $(tail -n 3 "$parts/initdb.log")"
  # Over the socket alone: the superuser is whoever runs this, known by the kernel; Serai gives passwords.
  printf '%s\n' 'local all postgres peer map=look' \
    'local serai serai_owner,serai_app scram-sha-256' >"$cluster.new/pg_hba.conf"
  printf 'look "%s" postgres\n' "$(id -un)" "$postgres_user" >"$cluster.new/pg_ident.conf"
  mv "$cluster.new" "$cluster"
fi
[[ $(cat "$cluster/PG_VERSION") == 15 ]] ||
  fail "$cluster was made by PostgreSQL $(cat "$cluster/PG_VERSION"), this is 15"
"${as_postgres[@]}" mkdir -p "$socket"
start postgresql "${detached[@]}" "${as_postgres[@]:1}" "$postgres_programs/postgres" -D "$cluster" \
  -c listen_addresses= -c "unix_socket_directories=$socket" -c password_encryption=scram-sha-256
as_superuser() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --host="$socket" --username=postgres "$@"; }
until_ready postgresql as_superuser --dbname=postgres --command='SELECT 1'
{
  [[ -n $(as_superuser --dbname=postgres --tuples-only --no-align \
    --command="SELECT 1 FROM pg_database WHERE datname = 'serai'") ]] ||
    as_superuser --dbname=postgres --command='CREATE DATABASE serai'
  as_superuser --dbname=serai --file="$here/postgres/setup.sql"
  for role in serai_owner serai_app; do  # by standard input: arguments can be read by others
    printf "ALTER ROLE %s PASSWORD '%s';\n" "$role" "$(secret "$role")" | as_superuser --dbname=serai
    keep "$role.connection" "host='$socket' dbname=serai user=$role password=$(secret "$role")"
  done
} >"$parts/setup.log" 2>&1 || fail "the database could not be made ready: $(tail -n 3 "$parts/setup.log")"

# --- Redis ----------------------------------------------------------------------------------------

redis_socket=$parts/redis/socket
secret redis >/dev/null
{
  printf 'port 0\nunixsocket "%s"\nunixsocketperm 700\ndir "%s"\n' "$redis_socket" "$parts/redis"
  # It holds what may be forgotten: no file, and the oldest makes room.
  printf 'save ""\nmaxmemory 256mb\nmaxmemory-policy allkeys-lru\nrequirepass %s\n' "$(secret redis)"
} >"$parts/redis/redis.conf"
rm -f "$redis_socket"
start redis "${detached[@]}" redis-server "$parts/redis/redis.conf"
# shellcheck disable=SC2317  # called by until_ready
redis_answers() { REDISCLI_AUTH=$(secret redis) redis-cli -s "$redis_socket" ping | grep -qx PONG; }
until_ready redis redis_answers

# --- S3 -------------------------------------------------------------------------------------------

secret s3_access >/dev/null
secret s3_secret >/dev/null
S3_ACCESS_KEY=$(secret s3_access) S3_SECRET_KEY=$(secret s3_secret) \
  start s3 "${detached[@]}" "$here/../tests/support/s3_server/run.sh" server.mjs "$parts/s3" serai
s3_port() { sed -n 's/^listening \([0-9]*\)$/\1/p' "$parts/s3.log" | grep .; }
until_ready s3 s3_port

# --- the profile, and the command -----------------------------------------------------------------

head="# Made by packaging/parts.sh from $(basename "$profile"), for a look: development's checks, and the
# addresses of the three servers it has started. Made anew each time; change the original.
"
filled=('environment: development' 'drain_time: 0 s' "endpoint: \"http://127.0.0.1:$(s3_port)\""
  'bucket: serai' "address: \"unix:$redis_socket\""
  "frontend_url: \"${PUBLIC_URL:-http://127.0.0.1:8080}\""
  "  url: \"${PUBLIC_URL:-http://127.0.0.1:8080}\"")
for index in "${!values[@]}"; do
  text=${text/"${values[index]}"/"${filled[index]}"}
done
printf '%s\n%s\n' "$head" "$text" >"$parts/profile.yaml"

export SERAI_POSTGRES_FILE=$parts/secrets/serai_app.connection
export SERAI_POSTGRES_OWNER_FILE=$parts/secrets/serai_owner.connection
export SERAI_REDIS_PASSWORD_FILE=$parts/secrets/redis
export SERAI_S3_ACCESS_KEY_FILE=$parts/secrets/s3_access
export SERAI_S3_SECRET_KEY_FILE=$parts/secrets/s3_secret
setpriv --pdeathsig TERM "$@" 8>&- &
command_pid=$!
# A signal ends a wait, not the command.
status=0
until gone "$command_pid"; do
  status=0
  wait "$command_pid" || status=$?
done
exit "$status"
