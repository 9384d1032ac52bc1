// One of the two tenants: its people, what it knows, and the requests that worked for it.
#pragma once

#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "cli/isolation_test/door.hpp"
#include "cli/isolation_test/invent.hpp"
#include "cli/isolation_test/marks.hpp"
#include "cli/isolation_test/pool.hpp"

namespace host::cli::isolation_test {

// Somebody who calls. Everybody but persons and keys has a credential that must not work.
struct Actor {
  enum class Kind { person, key, platform, nobody, expired, revoked, forged };
  std::string name;  // "owner", "consultant", "nobody": the role in the report
  Kind kind = Kind::nobody;
  std::string user, email, role;
  std::string authorization;  // header's value; empty: none
  std::string admin_token;
  bool permitted_nothing = false;  // its role holds no permission at all

  bool trusted() const { return kind == Kind::person || kind == Kind::key; }
};

// A request taken apart, so that its pieces can be exchanged with another tenant's.
struct Shape {
  std::map<std::string, std::string> path;  // parameter -> value
  Pairs query;
  bool has_body = false;
  Json body;                               // JSON, or the fields of a form
  std::string file_name, file_type, file;  // of a form
};

struct Side {
  Side(std::string side_label, std::string tenant, Random& random)
      : label(std::move(side_label)),
        id(std::move(tenant)),
        marks(random),
        inventor(random, marks, pool) {
    marks.own(id);
  }
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  std::string label, id;
  std::string provider_key;  // of its own; empty: nobody asks the provider
  Marks marks;
  Pool pool;
  Inventor inventor;
  std::vector<Actor> actors;                    // the first is the owner
  std::unordered_set<std::string> heard;        // words of all answers while it was filled
  std::map<std::string, std::string> exported;  // by path: the files of routes .../export
  std::map<std::string, Shape> worked;  // by operation: what its rightful owner was answered 2xx

  Actor& owner() { return actors.front(); }
  const Actor& owner() const { return actors.front(); }
};

// The request that the shape describes, as `actor`.
Ask to_ask(const Operation& operation, const Shape& shape, const Actor& actor);

}  // namespace host::cli::isolation_test
