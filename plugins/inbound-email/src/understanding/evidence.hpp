// Ties a value to the words it was read from.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "enquiry.hpp"
#include "tokens.hpp"

namespace inbound {

// A mail while it is read.
struct Reading {
  std::string_view text;
  Tokens tokens;
  Language language = Language::english;
  Day received{};
  std::size_t body_begin = 0;  // bytes: the subject stands before

  Evidence evidence(std::size_t first, std::size_t last) const {
    const auto begin = tokens[first].begin;
    const auto end = tokens[last].end;
    return {std::string(text.substr(begin, end - begin)), begin, end};
  }
  bool in_subject(std::size_t token) const { return tokens[token].begin < body_begin; }
};

template <typename T>
Found<T> found(const Reading& mail, T value, double confidence, std::size_t first,
               std::size_t last) {
  return {std::move(value), confidence, mail.evidence(first, last)};
}

}  // namespace inbound
