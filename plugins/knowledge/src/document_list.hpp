// The indexed documents of a tenant as vector searches must know them, by number. A value whose
// copies share what they have in common: changing one document of many copies little.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace knowledge {

struct Listed {
  std::int64_t number;
  std::string id, category, label;  // label: of its visibility
  std::int64_t chunks;
};

class DocumentList {
 public:
  DocumentList() = default;
  explicit DocumentList(std::vector<Listed> ascending);  // by number, each once

  // In place of any with its number.
  void put(Listed document);
  // Nothing happens when there is none.
  void remove(std::int64_t number);

  // Null: there is none. Valid as long as this list or a copy of it is unchanged.
  const Listed* find(std::int64_t number) const;
  std::size_t size() const { return size_; }

  // In the order of numbers, until use() returns false; false then.
  template <class Use>
  bool all(Use use) const {
    for (const auto& block : blocks_) {
      for (const Listed& document : *block) {
        if (!use(document)) return false;
      }
    }
    return true;
  }

 private:
  using Block = std::vector<Listed>;                // never empty, ascending, all of one block_of()
  std::size_t position(std::int64_t number) const;  // of the first block that is not before it
  bool holds(std::size_t at, std::int64_t number) const;

  std::vector<std::shared_ptr<const Block>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace knowledge
