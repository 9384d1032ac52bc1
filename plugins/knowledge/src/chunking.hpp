// Blocks of text to passages of a size that can be found, read and cited: along the document's own
// structure, each with the path of headings it stands under.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "extraction/block.hpp"

namespace knowledge {

struct Chunk {
  std::string heading;  // "Cancellation policy > Refunds"; empty: before the first heading
  std::string content;  // paragraphs and rows on lines of their own
};

// Words per chunk. A block is only cut when it alone is longer than `most`; then sentences repeat
// up to `overlap` words, and a table repeats its first row.
struct ChunkSizes {
  std::size_t good = 180;
  std::size_t most = 250;
  std::size_t overlap = 30;
};

inline constexpr std::size_t kMostChunks = 20'000;  // of one document

// Throws ExtractionError above kMostChunks.
std::vector<Chunk> make_chunks(const std::vector<Block>& blocks, const ChunkSizes& sizes = {});

}  // namespace knowledge
