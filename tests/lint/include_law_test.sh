#!/usr/bin/env bash
# Proves that include_law.sh can fail: a small tree with one breach of every kind, each of which must
# be reported, and nothing else.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree"

write() { mkdir -p "$(dirname "$1")"; printf '%s\n' "${@:2}" >"$1"; }
write host/CMakeLists.txt 'serai_room(base LIBS x)' 'serai_room(observe DEPENDS base)' \
  'serai_room(storage DEPENDS base observe' '  LIBS http)' 'serai_room(http DEPENDS base observe)' \
  'serai_room(api DEPENDS storage http)' 'serai_room(cli DEPENDS api)'
write host/base/time.hpp ''
write host/observe/log.hpp '#include "base/time.hpp"'
write host/storage/store.hpp '#include <vector>' '#include "observe/log.hpp"' '#include "sql.hpp"'
write host/storage/sql.hpp '#include <serai/abi/base.h>'
write host/http/server.hpp '#include "base/time.hpp"'
write host/api/route.hpp '#include "http/server.hpp"' '#include "storage/sql.hpp"'
write host/cli/serve.cpp '#include "api/route.hpp"' '#include "storage/store.hpp"'
write host/main.cpp '#include "cli/serve.cpp"' '#include "http/server.hpp"'
write sdk/include/serai/abi/base.h '#include <stdint.h>'
write sdk/include/serai/plugin.hpp '#include <serai/abi/base.h>'
write sdk/testing/include/serai/testing/fake.hpp '#include <serai/plugin.hpp>'
write plugins/crm/src/crm.cpp '#include <serai/plugin.hpp>' '#include "crm.hpp"'
write plugins/crm/src/crm.hpp '#include <string>'
write plugins/crm/tests/crm.cpp '#include "../src/crm.hpp"' '#include <serai/testing/fake.hpp>'

bash "$here/include_law.sh" "$tree" >out || { cat out; echo "a lawful tree was refused"; exit 1; }

write host/base/uphill.cpp '' '#include "observe/log.hpp"'
write host/storage/uphill.cpp '#include "http/server.hpp"'
write host/storage/wrapper.cpp '  #  include <serai/plugin.hpp>'
write host/observe/outside.cpp '#include "../../plugins/crm/src/crm.hpp"'
write sdk/include/serai/host.hpp '#include "../../../host/base/time.hpp"'
write plugins/mail/src/host.cpp '#include <base/time.hpp>'
write plugins/mail/src/other.cpp '#include "../../crm/src/crm.hpp"'
write plugins/mail/src/fake.cpp '#include <serai/testing/fake.hpp>'
write plugins/mail/src/missing.cpp '#include "../../../host/storage/absent.hpp"'

if bash "$here/include_law.sh" "$tree" >out; then
  cat out
  echo "breaches were not reported"
  exit 1
fi
expected='host/base/uphill.cpp:2
host/observe/outside.cpp:1
host/storage/uphill.cpp:1
host/storage/wrapper.cpp:1
plugins/mail/src/fake.cpp:1
plugins/mail/src/host.cpp:1
plugins/mail/src/missing.cpp:1
plugins/mail/src/other.cpp:1
sdk/include/serai/host.hpp:1'
found=$(sed -nE 's/^([^ ]+:[0-9]+): .*/\1/p' out | sort)
if [[ $found != "$expected" ]]; then
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "include law: 9 of 9 planted breaches reported"
