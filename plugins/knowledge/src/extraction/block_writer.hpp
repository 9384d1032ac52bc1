// Collects blocks for an extractor: folds white space, drops what is empty and keeps the limits.
#pragma once

#include <string>
#include <string_view>

#include "block.hpp"

namespace knowledge {

class BlockWriter {
 public:
  explicit BlockWriter(const ExtractionLimits& limits) : limits_(limits) {}

  // Throws ExtractionError when the text grows beyond the limits.
  void add(BlockKind kind, std::string_view text, int level = 0, bool table_start = false);
  ExtractedText take() { return std::move(text_); }
  void set_title(std::string_view title);
  const std::string& title() const { return text_.title; }

 private:
  const ExtractionLimits& limits_;
  ExtractedText text_;
  std::size_t bytes_ = 0;
};

// Runs of white space (no-break spaces too) become one space; none at the ends.
std::string fold_space(std::string_view text);

}  // namespace knowledge
