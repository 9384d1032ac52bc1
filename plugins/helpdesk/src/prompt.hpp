// What a provider is asked: the numbered passages, the talk before, the question, and the rule to
// use nothing else. The passages are other people's text: they are kept from looking like anything
// but material.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <serai/json.hpp>

#include "conversation.hpp"
#include "passage.hpp"

namespace helpdesk {

// What the provider says when the passages hold no answer.
inline constexpr std::string_view kNotHeld = "NOT IN DOCUMENTS";

struct Prompt {
  serai::Json messages;   // of ai.chat/1
  std::size_t given = 0;  // so many passages, the first ones, fitted in
};

Prompt make_prompt(const std::string& question, const std::vector<Passage>& passages,
                   const std::vector<Turn>& history);

}  // namespace helpdesk
