// See document_list.hpp.
#include "document_list.hpp"

#include <algorithm>
#include <iterator>

namespace knowledge {
namespace {

// Documents with neighbouring numbers lie together, this many at most.
constexpr std::int64_t kBlock = 256;

std::int64_t block_of(std::int64_t number) { return number / kBlock; }

auto first_not_before(const std::vector<Listed>& block, std::int64_t number) {
  return std::lower_bound(
      block.begin(), block.end(), number,
      [](const Listed& one, std::int64_t wanted) { return one.number < wanted; });
}

}  // namespace

DocumentList::DocumentList(std::vector<Listed> ascending) : size_(ascending.size()) {
  for (auto from = ascending.begin(); from != ascending.end();) {
    const std::int64_t block = block_of(from->number);
    const auto to = std::find_if(from, ascending.end(),
                                 [&](const Listed& one) { return block_of(one.number) != block; });
    blocks_.push_back(
        std::make_shared<const Block>(std::make_move_iterator(from), std::make_move_iterator(to)));
    from = to;
  }
}

std::size_t DocumentList::position(std::int64_t number) const {
  const auto found = std::lower_bound(blocks_.begin(), blocks_.end(), block_of(number),
                                      [](const auto& block, std::int64_t wanted) {
                                        return block_of(block->front().number) < wanted;
                                      });
  return static_cast<std::size_t>(found - blocks_.begin());
}

bool DocumentList::holds(std::size_t at, std::int64_t number) const {
  return at < blocks_.size() && block_of(blocks_[at]->front().number) == block_of(number);
}

void DocumentList::put(Listed document) {
  const std::size_t at = position(document.number);
  const bool known = holds(at, document.number);
  auto block = known ? std::make_shared<Block>(*blocks_[at]) : std::make_shared<Block>();
  const auto place = block->begin() + (first_not_before(*block, document.number) - block->cbegin());
  if (place != block->end() && place->number == document.number) {
    *place = std::move(document);
  } else {
    block->insert(place, std::move(document));
    ++size_;
  }
  if (known) {
    blocks_[at] = std::move(block);
  } else {
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(at), std::move(block));
  }
}

void DocumentList::remove(std::int64_t number) {
  if (find(number) == nullptr) return;
  const std::size_t at = position(number);
  auto block = std::make_shared<Block>(*blocks_[at]);
  block->erase(first_not_before(*block, number));
  --size_;
  if (block->empty()) {
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(at));
  } else {
    blocks_[at] = std::move(block);
  }
}

const Listed* DocumentList::find(std::int64_t number) const {
  const std::size_t at = position(number);
  if (!holds(at, number)) return nullptr;
  const auto found = first_not_before(*blocks_[at], number);
  return found != blocks_[at]->end() && found->number == number ? &*found : nullptr;
}

}  // namespace knowledge
