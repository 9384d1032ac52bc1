// Text as it comes out of a file: a flat list of blocks that remember what they were. What every
// extractor makes and the chunker reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace knowledge {

enum class BlockKind : std::uint8_t { heading, paragraph, list_item, table_row };

struct Block {
  BlockKind kind = BlockKind::paragraph;
  int level = 0;             // of a heading, from 1
  std::string text;          // UTF-8, white space folded, never empty
  bool table_start = false;  // the first row of a table
};

struct ExtractedText {
  std::string title;  // as the file itself says; empty: it does not
  std::vector<Block> blocks;
};

// The file is at fault, not the machine: what() is one sentence for the person who uploaded it.
// Trying again gives the same.
class ExtractionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Bounds of what one file may cost. Exceeding one is an ExtractionError.
struct ExtractionLimits {
  std::size_t text_bytes = 16U << 20;         // of text taken out of one file
  std::size_t unpacked_bytes = 64U << 20;     // of one packed entry
  std::size_t unpacked_ratio = 200;           // unpacked to packed, above 1 MiB
  std::size_t packed_entries = 4000;          // files in a docx
  std::size_t blocks = 200'000;               // headings, paragraphs, items, rows
  int pages = 2000;                           // of a PDF
  std::uint64_t child_memory = 768ULL << 20;  // address space of the PDF reader, bytes
  unsigned child_cpu_seconds = 30;            // of the PDF reader
  int deadline_ms = 60'000;                   // of the PDF reader, by the clock on the wall
};

}  // namespace knowledge
