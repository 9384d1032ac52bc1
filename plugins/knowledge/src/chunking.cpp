// See chunking.hpp.
#include "chunking.hpp"

#include <algorithm>

#include "sentences.hpp"

namespace knowledge {
namespace {

class Chunker {
 public:
  explicit Chunker(const ChunkSizes& sizes) : sizes_(sizes) {}

  void add(const Block& block) {
    if (block.kind == BlockKind::heading) return enter(block);
    bare_heading_ = false;
    if (block.kind != BlockKind::table_row) table_head_.clear();
    if (block.table_start) table_head_ = block.text;
    const std::size_t words = count_words(block.text);
    if (words > sizes_.most) {
      flush();
      cut(block.text);
      return;
    }
    if (words_ + words > sizes_.most || words_ >= sizes_.good) {
      flush();
      // The rest of a table is nothing without its first row.
      if (block.kind == BlockKind::table_row && !block.table_start) append(table_head_);
    }
    append(block.kind == BlockKind::list_item ? "- " + block.text : block.text);
  }

  std::vector<Chunk> finish() {
    flush();
    return std::move(chunks_);
  }

 private:
  struct Heading {
    int level;
    std::string text;
  };

  void enter(const Block& heading) {
    // A heading over headings is found through them.
    if (bare_heading_ && heading.level > path_.back().level) bare_heading_ = false;
    flush();
    while (!path_.empty() && path_.back().level >= heading.level) path_.pop_back();
    path_.push_back({heading.level, heading.text});
    table_head_.clear();
    bare_heading_ = true;
  }

  std::string path() const {
    std::string joined;
    for (const Heading& heading : path_) {
      joined += (joined.empty() ? "" : " > ") + heading.text;
    }
    return joined;
  }

  // A block that is longer than any chunk: by sentences, and those by words.
  void cut(const std::string& text) {
    std::vector<std::string> pieces;
    for (const std::string_view sentence : split_sentences(text)) {
      std::size_t start = 0, words = 0;
      for (std::size_t i = 0; i <= sentence.size(); ++i) {
        if (i < sentence.size() && sentence[i] != ' ' && sentence[i] != '\n') continue;
        if (++words < sizes_.good && i < sentence.size()) continue;
        pieces.emplace_back(sentence.substr(start, i - start));
        start = i + 1;
        words = 0;
      }
    }
    std::string previous;
    for (const std::string& piece : pieces) {
      const std::size_t words = count_words(piece);
      if (words_ > 0 && words_ + words > sizes_.good) {
        flush();
        if (count_words(previous) <= sizes_.overlap) append_inline(previous);
      }
      append_inline(piece);
      previous = piece;
    }
    flush();
  }

  void append(const std::string& line) {
    if (line.empty()) return;
    if (!content_.empty()) content_ += '\n';
    content_ += line;
    words_ += count_words(line);
  }
  void append_inline(const std::string& piece) {
    if (!content_.empty()) content_ += ' ';
    content_ += piece;
    words_ += count_words(piece);
  }

  void flush() {
    // A heading with nothing under it is still something to find.
    if (content_.empty() && bare_heading_) content_ = path_.back().text;
    bare_heading_ = false;
    if (content_.empty()) return;
    if (chunks_.size() >= kMostChunks) {
      throw ExtractionError("The document is too long to be indexed as one: split it.");
    }
    chunks_.push_back({path(), std::move(content_)});
    content_.clear();
    words_ = 0;
  }

  ChunkSizes sizes_;
  std::vector<Chunk> chunks_;
  std::vector<Heading> path_;
  std::string content_;
  std::string table_head_;
  std::size_t words_ = 0;
  bool bare_heading_ = false;
};

}  // namespace

std::vector<Chunk> make_chunks(const std::vector<Block>& blocks, const ChunkSizes& sizes) {
  Chunker chunker(sizes);
  for (const Block& block : blocks) chunker.add(block);
  return chunker.finish();
}

}  // namespace knowledge
