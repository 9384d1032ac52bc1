// See the header.
#include "language.hpp"

namespace quotes {

const Language& language_for(const serai::Call& call, const Inquiry& asked) {
  if (call.config().boolean("customer_language"))
    if (const Language* language = find_language(asked.language)) return *language;
  return own_language(call);
}

const Language& own_language(const serai::Call& call) {
  const Language* language = find_language(call.config().text("language"));
  return language == nullptr ? *languages().front() : *language;
}

}  // namespace quotes
