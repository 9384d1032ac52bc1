#include "storage/sqlite/faults.hpp"

#include <cerrno>
#include <new>

#include <sqlite3.h>

namespace host::storage::sqlite {
namespace {

SqlFault constraint(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return SqlFault::foreign_key;
    case SQLITE_CONSTRAINT_NOTNULL:
      return SqlFault::not_null;
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return SqlFault::unique;
    default:
      return SqlFault::check;  // CHECK and the types of STRICT tables
  }
}

SqlFault classify(sqlite3* database, int extended) {
  switch (extended & 0xff) {
    case SQLITE_CONSTRAINT:
      return constraint(extended);
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return SqlFault::check;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return SqlFault::busy;
    case SQLITE_INTERRUPT:
      return SqlFault::timeout;
    case SQLITE_AUTH:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return SqlFault::denied;
    case SQLITE_ERROR:
    case SQLITE_RANGE:
      return SqlFault::syntax;
    case SQLITE_FULL:
      return SqlFault::full;
    default:
      break;
  }
  const int error = database != nullptr ? sqlite3_system_errno(database) : 0;
  return error == ENOSPC || error == EDQUOT ? SqlFault::full : SqlFault::io;
}

}  // namespace

void fail(sqlite3* database, int code, std::string_view doing) {
  if (code == SQLITE_NOMEM) throw std::bad_alloc();
  const int extended = database != nullptr ? sqlite3_extended_errcode(database) : code;
  // After a successful clean-up call the handle has forgotten; the code given is the truth then.
  const int known = (extended & 0xff) == (code & 0xff) ? extended : code;
  std::string message(doing);
  message += ": ";
  message +=
      known == extended && database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  message += " (" + std::to_string(known) + ")";
  throw SqlError(classify(database, known), std::move(message));
}

}  // namespace host::storage::sqlite
