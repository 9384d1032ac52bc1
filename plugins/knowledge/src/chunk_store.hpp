// The rows of chunks: what is shown of a hit and what the index is rebuilt from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <serai/plugin.hpp>

#include "chunking.hpp"
#include "document.hpp"
#include "retrieval/types.hpp"

namespace knowledge {

std::vector<Chunk> load_chunks(const serai::Call& call, std::string_view document);
// In place of what the document had.
void store_chunks(const serai::Call& call, std::string_view document,
                  const std::vector<Chunk>& chunks);

// As the index takes it: each chunk with its title and headings, for their words count too. Chunk
// ids are positions, from "0".
serai::retrieval::Document to_indexed(const Document& document, const std::vector<Chunk>& chunks);
std::string text_to_index(const Document& document, const Chunk& chunk);

// Number of a chunk's vector: the document's number and the chunk's position in one.
constexpr std::int64_t vector_id(std::int64_t number, std::int64_t position) {
  return number << 16 | position;
}
static_assert(kMostChunks < 1U << 16);

}  // namespace knowledge
