// Who may read which document. `public`: everyone of the tenant who holds knowledge.read.
// `private`: who uploaded it, and holders of knowledge.admin. The same rule in its two forms: a
// condition for SQL and a filter inside the search, so that nothing is found that may not be read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <serai/plugin.hpp>

#include "retrieval/types.hpp"

namespace knowledge {

inline constexpr std::string_view kPublic = "public";
inline constexpr std::string_view kPrivate = "private";

class Access {
 public:
  // Of the caller. A job or event has no user and reads what is public.
  static Access of(const serai::Call& call);

  bool everything() const { return everything_; }
  const std::string& user() const { return user_; }

  // "(visibility = 'public' OR owner = $2)"; what it binds is added to `bound`.
  std::string sql(std::vector<std::string>& bound) const;

  // Labels for the search, at most those of `visibility` unless it is empty. `owners`: of all
  // private documents, only read for those who may see them all.
  void restrict(serai::retrieval::Filter& filter, std::string_view visibility,
                const std::vector<std::string>& owners) const;

 private:
  Access(bool everything, std::string user) : everything_(everything), user_(std::move(user)) {}

  bool everything_;
  std::string user_;
};

// What the index calls the visibility of a document: the owner is part of it.
std::string visibility_label(std::string_view visibility, std::string_view owner);

}  // namespace knowledge
