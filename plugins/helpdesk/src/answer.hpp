// From a question to an answer with sources. With a provider, a worded answer that may cite only
// the passages it was given; without one, the best sentences as they stand; and when the documents
// do not hold it, the plain statement that they do not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <serai/plugin.hpp>

#include "conversation.hpp"
#include "passage.hpp"
#include "question_type.hpp"

namespace helpdesk {

struct Found {
  std::vector<Passage> passages;  // best first
  double confidence = 0;          // that the documents hold an answer
};

// Asks knowledge.search/1 as the caller, so it finds only what the caller may read. Its Problem
// when it fails; 502 bad_upstream if its answer cannot be read.
Found find_passages(const serai::Call& call, std::string_view question, const QuestionType& type);

// Whether an AI provider is wanted, there and, where it tells, set up for the tenant. Problem or
// Json::exception if it cannot even say that.
bool provider_ready(const serai::Call& call);

// The complete answer document of the API. `history` is empty outside a conversation.
serai::Json answer(const serai::Call& call, const std::string& question,
                   const std::vector<Turn>& history);

}  // namespace helpdesk
