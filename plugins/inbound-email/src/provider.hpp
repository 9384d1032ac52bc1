// What a provider of language models is asked about a mail, and what of its answer is believed.
// Pure: the call itself is made by the caller.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <serai/json.hpp>

#include "understanding/enquiry.hpp"

namespace inbound {

// The request of ai.chat/1.
serai::Json question_about(const Mail& mail, const Offer& offer);

struct Opinion {
  std::vector<std::string> taken;    // fields in which the answer counts
  std::vector<std::string> refused;  // that it gave without words of the mail or beside the offer
  std::string fault;                 // one sentence when nothing of it could be used
};

// Puts what can be believed of `answer` (its `content` as the model wrote it) into `enquiry`, where
// the rules' result stands. Where both agree, the field is surer; where they differ, less sure.
Opinion believe(std::string_view answer, const Mail& mail, const Offer& offer, Enquiry& enquiry);

// Where `words` stand in `text`: any white space for white space, case of ASCII letters aside.
std::optional<Evidence> find_words(std::string_view text, std::string_view words);

}  // namespace inbound
