// The PDF of a quote.
#pragma once

#include <string>

#include <serai/plugin.hpp>

#include "content.hpp"
#include "quote.hpp"
#include "words/words.hpp"

namespace quotes {

// The document of pdf.render/1. `link`: where the customer sees and accepts it; empty: none (a
// draft). `valid_until` in words.
serai::Json paper_document(const Quote& quote, const Content& content, const serai::Json& brand,
                           const std::string& date, const std::string& valid_until,
                           const std::string& link, const Language& language);

// Its bytes; they live as long as the call.
std::string_view render(const serai::Call& call, const Quote& quote, const Content& content,
                        const std::string& link);

// What its file is called where the customer gets it: "Devis_QT-20260101-0A1B2C.pdf".
std::string file_name(const Quote& quote, const Language& language);

}  // namespace quotes
