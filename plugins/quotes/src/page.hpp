// The page that the customer's link opens: the quote, and what can be done with it. No script.
#pragma once

#include <string>

#include <serai/plugin.hpp>

#include "content.hpp"
#include "quote.hpp"

namespace quotes {

struct CustomerLinks {
  std::string answer, paper;
};
CustomerLinks links_of(const serai::Call& call, const Quote& quote);

// What the customer may know: no consultant's notes, no rates, no margins.
serai::Json customer_json(const Quote& quote, const Content& content);

serai::Response page(const serai::Call& call, const Quote& quote, const Content& content,
                     const CustomerLinks& links);

}  // namespace quotes
