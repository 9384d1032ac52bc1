#!/usr/bin/env bash
# Checks which folder may include which, and prints every breach as file:line. Argument: the root of
# the tree (default: this one). Exit status 0: the law is kept; 1: it is broken.
#
#   sdk/      knows nothing of host/ or plugins/
#   plugins/  know the SDK, the system and their own folder; not host/, not each other
#   host/     a room includes itself and the rooms it DEPENDS on in host/CMakeLists.txt, and from the
#             SDK only the C headers serai/abi/*.h, and cli the checker; main.cpp may include every room
set -euo pipefail
root=$(realpath "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}")
cd "$root"

# "room dependency" pairs, read from the build so that there is one truth. A room may also include
# what its dependencies may (they are linked PUBLIC), hence the closure.
allowed=$(tr '\n' ' ' <host/CMakeLists.txt | grep -o 'serai_room([a-z0-9_]* [^)]*)' | awk '
  {
    gsub(/serai_room\(|\)/, "")
    room = $1; depends = 0
    rooms[room] = 1; may[room, room] = 1; may[room, "base"] = 1; may[room, "observe"] = 1
    for (i = 2; i <= NF; i++) {
      if ($i == "DEPENDS") depends = 1
      else if ($i == "LIBS") depends = 0
      else if (depends) may[room, $i] = 1
    }
  }
  END {
    delete may["base", "observe"]  # base is the ground: it knows nobody
    for (k in rooms) for (i in rooms) for (j in rooms)
      if (((i, k) in may) && ((k, j) in may)) may[i, j] = 1
    for (i in rooms) for (j in rooms) if ((i, j) in may) print i, j
  }')
[[ -n $allowed ]] || { echo "include_law: no serai_room() found in host/CMakeLists.txt" >&2; exit 1; }

# A cycle between rooms would make the closure allow everything in it: downhill means no cycle.
cycle=$(awk '$1 != $2 { pair[$1, $2] = 1 } END {
  for (p in pair) { split(p, r, SUBSEP); if (((r[2], r[1]) in pair) && r[1] < r[2]) print r[1], r[2] } }' <<<"$allowed")
breaches=0
breach() { printf '%s\n' "$*"; breaches=$((breaches + 1)); }
[[ -z $cycle ]] || breach "host/CMakeLists.txt: these rooms depend on each other: $cycle"

rooms=$(cut -d' ' -f1 <<<"$allowed" | sort -u)
is_room() { grep -qxF "$1" <<<"$rooms"; }
may_include() { grep -qxF "$1 $2" <<<"$allowed"; }

# The path inside the tree that an include means, or nothing for a system header. Quoted names are
# first looked up beside the file, then where the build looks.
resolve() {
  local file=$1 name=$2 folder
  for folder in "${file%/*}" host sdk/include sdk/testing/include sdk/check/include; do
    if [[ -f $folder/$name ]]; then
      realpath --relative-to="$root" "$folder/$name"
      return
    fi
  done
}

files=0
while IFS= read -r -d '' file; do
  files=$((files + 1))
  while IFS=: read -r line name; do
    [[ -n $name ]] || continue
    target=$(resolve "$file" "$name")
    at="$file:$line: includes $name"
    if [[ -z $target ]]; then
      # Not in the tree: a system header, unless it climbs or looks like one of our rooms.
      if [[ $name == ../* ]] || { [[ $name == *.hpp ]] && [[ $name == */* ]] && is_room "${name%%/*}"; }; then
        [[ $file != sdk/* && $file != plugins/* ]] || breach "$at: it must not reach out of its folder"
      fi
      continue
    fi
    case "$file" in
      sdk/*)
        [[ $target == sdk/* ]] || breach "$at: the SDK knows nothing of $target"
        ;;
      plugins/*)
        own=$(cut -d/ -f1-2 <<<"$file")
        [[ $target == sdk/* || $target == "$own"/* ]] ||
          breach "$at: a plugin knows the SDK and itself, not $target"
        [[ $target != sdk/testing/* || $file == "$own"/tests/* ]] ||
          breach "$at: only a plugin's tests use the fake host"
        ;;
      host/main.cpp | host/plugin_host_main.cpp) ;;
      host/*)
        room=$(cut -d/ -f2 <<<"$file")
        case "$target" in
          sdk/include/serai/abi/*.h) ;;
          sdk/check/include/*) [[ $room == cli ]] || breach "$at: only cli uses the checker" ;;
          host/*/*)
            other=$(cut -d/ -f2 <<<"$target")
            may_include "$room" "$other" ||
              breach "$at: room $room does not depend on room $other"
            ;;
          *) breach "$at: the host knows only serai/abi/*.h outside its rooms, not $target" ;;
        esac
        ;;
    esac
  done < <(sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"].*/\1/;T;=;p' "$file" |
    paste -d: - -)
done < <(find host sdk plugins -type f \
  \( -name '*.cpp' -o -name '*.hpp' -o -name '*.h' -o -name '*.c' -o -name '*.inc' \) \
  -not -path '*/build/*' -print0)

printf 'include law: %d files, %d breach(es)\n' "$files" "$breaches"
[[ $files -gt 0 && $breaches -eq 0 ]]
