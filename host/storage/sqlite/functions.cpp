#include "storage/sqlite/functions.hpp"

#include <clocale>
#include <cstdlib>
#include <cwctype>
#include <new>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "base/random.hpp"
#include "base/time.hpp"
#include "storage/sqlite/faults.hpp"

namespace host::storage::sqlite {
namespace {

std::string_view text(sqlite3_value* value) {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

void give(sqlite3_context* context, std::string_view result) {
  sqlite3_result_text64(context, result.data(), result.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

bool null(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }

void now_text(sqlite3_context* context, int, sqlite3_value**) { give(context, to_text(now())); }

void random_uuid(sqlite3_context* context, int, sqlite3_value**) { give(context, uuid_v7()); }

// Code point at `at`; steps over it. Bytes that are not UTF-8 pass as they are (negative).
long next_code_point(std::string_view bytes, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(bytes[at]);
  const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
  if (lead < 0x80) {
    ++at;
    return lead;
  }
  long point = lead & (0x3f >> more);
  bool good = more > 0;
  for (std::size_t i = 1; good && i <= more; ++i) {
    if (at + i >= bytes.size() || (bytes[at + i] & 0xc0) != 0x80) {
      good = false;
      break;
    }
    point = (point << 6) | (bytes[at + i] & 0x3f);
  }
  if (!good) {
    ++at;
    return -static_cast<long>(lead);
  }
  at += more + 1;
  return point;
}

void append(std::string& out, long point) {
  const auto put = [&](long byte) { out += static_cast<char>(byte); };
  if (point < 0) return put(-point);
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      put(0xe0 | (point >> 12));
    } else {
      put(0xf0 | (point >> 18));
      put(0x80 | ((point >> 12) & 0x3f));
    }
    put(0x80 | ((point >> 6) & 0x3f));
  }
  put(0x80 | (point & 0x3f));
}

// Simple case mapping of all of Unicode, as PostgreSQL does it under C.UTF-8: from the C library,
// so that no Unicode tables of our own have to be carried.
template <wint_t (*map)(wint_t, locale_t)>
void change_case(sqlite3_context* context, int, sqlite3_value** values) {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (null(values[0])) return sqlite3_result_null(context);
  const std::string_view from = text(values[0]);
  std::string to;
  to.reserve(from.size());
  for (std::size_t at = 0; at < from.size();) {
    const long point = next_code_point(from, at);
    append(to, point < 0 || locale == nullptr
                   ? point
                   : static_cast<long>(map(static_cast<wint_t>(point), locale)));
  }
  give(context, to);
}

// Position in characters, from 1; 0: not found.
void strpos(sqlite3_context* context, int, sqlite3_value** values) {
  if (null(values[0]) || null(values[1])) return sqlite3_result_null(context);
  const std::string_view in = text(values[0]);
  const std::size_t found = in.find(text(values[1]));
  if (found == std::string_view::npos) return sqlite3_result_int(context, 0);
  sqlite3_int64 characters = 1;
  for (const char c : in.substr(0, found)) characters += (c & 0xc0) != 0x80 ? 1 : 0;
  sqlite3_result_int64(context, characters);
}

int compare(sqlite3_value* a, sqlite3_value* b) {
  if (sqlite3_value_type(a) == SQLITE_TEXT) return text(a).compare(text(b));
  if (sqlite3_value_type(a) == SQLITE_INTEGER && sqlite3_value_type(b) == SQLITE_INTEGER) {
    const auto x = sqlite3_value_int64(a), y = sqlite3_value_int64(b);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  const double x = sqlite3_value_double(a), y = sqlite3_value_double(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

// greatest() and least() leave nulls out, as PostgreSQL's do (SQLite's max() does not).
template <int sign>
void extreme(sqlite3_context* context, int count, sqlite3_value** values) {
  sqlite3_value* best = nullptr;
  for (int i = 0; i < count; ++i) {
    if (null(values[i])) continue;
    if (best == nullptr || compare(values[i], best) * sign > 0) best = values[i];
  }
  if (best == nullptr) return sqlite3_result_null(context);
  sqlite3_result_value(context, best);
}

struct Joined {
  std::string* text;
};

void join_step(sqlite3_context* context, int, sqlite3_value** values) {
  if (null(values[0])) return;
  auto* joined = static_cast<Joined*>(sqlite3_aggregate_context(context, sizeof(Joined)));
  if (joined == nullptr) return sqlite3_result_error_nomem(context);
  if (joined->text == nullptr) {
    joined->text = new std::string();
  } else {
    *joined->text += text(values[1]);
  }
  *joined->text += text(values[0]);
}

void join_end(sqlite3_context* context) {
  auto* joined = static_cast<Joined*>(sqlite3_aggregate_context(context, 0));
  if (joined == nullptr || joined->text == nullptr) return sqlite3_result_null(context);
  give(context, *joined->text);
  delete joined->text;
}

// SQLite's own json_valid may not stand in a schema that is not trusted.
void json_valid(sqlite3_context* context, int, sqlite3_value** values) {
  if (null(values[0])) return sqlite3_result_null(context);
  sqlite3_result_int(context, nlohmann::json::accept(text(values[0])) ? 1 : 0);
}

// No exception crosses SQLite's C frames.
template <void (*function)(sqlite3_context*, int, sqlite3_value**)>
void guarded(sqlite3_context* context, int count, sqlite3_value** values) {
  try {
    function(context, count, values);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  } catch (const std::exception& error) {
    sqlite3_result_error(context, error.what(), -1);
  }
}

using Function = void (*)(sqlite3_context*, int, sqlite3_value**);

void add(sqlite3* database, const char* name, int arguments, int flags, Function function,
         Function step = nullptr, void (*end)(sqlite3_context*) = nullptr) {
  const int code =
      sqlite3_create_function_v2(database, name, arguments, SQLITE_UTF8 | SQLITE_INNOCUOUS | flags,
                                 nullptr, function, step, end, nullptr);
  if (code != SQLITE_OK) fail(database, code, "cannot register a function");
}

}  // namespace

void register_functions(sqlite3* database) {
  add(database, "now", 0, 0, guarded<now_text>);
  add(database, "gen_random_uuid", 0, 0, guarded<random_uuid>);
  add(database, "strpos", 2, SQLITE_DETERMINISTIC, guarded<strpos>);
  add(database, "json_valid", 1, SQLITE_DETERMINISTIC, guarded<json_valid>);
  add(database, "greatest", -1, SQLITE_DETERMINISTIC, guarded<extreme<1>>);
  add(database, "least", -1, SQLITE_DETERMINISTIC, guarded<extreme<-1>>);
  add(database, "lower", 1, SQLITE_DETERMINISTIC, guarded<change_case<towlower_l>>);
  add(database, "upper", 1, SQLITE_DETERMINISTIC, guarded<change_case<towupper_l>>);
  add(database, "string_agg", 2, 0, nullptr, guarded<join_step>, join_end);
}

}  // namespace host::storage::sqlite
