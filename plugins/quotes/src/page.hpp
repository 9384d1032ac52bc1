// The page that the customer's link opens: the quote, and what can be done with it. No script.
#pragma once

#include <string>
#include <string_view>

#include <serai/plugin.hpp>

#include "content.hpp"
#include "quote.hpp"
#include "words/words.hpp"

namespace quotes {

struct CustomerLinks {
  std::string answer, paper;
};
CustomerLinks links_of(const serai::Call& call, const Quote& quote);

// What the customer may know: no consultant's notes, no rates, no margins.
serai::Json customer_json(const Quote& quote, const Content& content);

// `status`: of the answer, 200 unless what was wanted could not be done.
serai::Response page(const serai::Call& call, const Quote& quote, const Content& content,
                     const CustomerLinks& links, const Language& language, int status = 200);

// 404 with that one sentence.
serai::Response empty_page(const serai::Call& call, std::string_view sentence,
                           const Language& language);

}  // namespace quotes
