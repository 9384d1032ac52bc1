// See tombstones.hpp. Stored: magic, documents, checksum, bits.
#include "tombstones.hpp"

#include "coding.hpp"

namespace serai::retrieval {
namespace {
constexpr std::uint32_t kMagic = 0x42544D52;  // "RMTB"
constexpr std::size_t kHeader = 16;
}  // namespace

std::string Tombstones::to_bytes() const {
  std::string body;
  for (const std::uint64_t word : bits_) put_fixed(body, word);
  std::string out;
  put_fixed(out, kMagic);
  put_fixed(out, static_cast<std::uint32_t>(bits_.size()));
  put_fixed(out, checksum(body));
  return out + body;
}

std::shared_ptr<const Tombstones> Tombstones::parse(std::string_view bytes,
                                                    std::uint32_t documents) {
  auto made = std::make_shared<Tombstones>(documents);
  if (bytes.size() != kHeader + made->bits_.size() * 8 ||
      get_fixed<std::uint32_t>(bytes.data()) != kMagic ||
      get_fixed<std::uint32_t>(bytes.data() + 4) != made->bits_.size() ||
      get_fixed<std::uint64_t>(bytes.data() + 8) != checksum(bytes.substr(kHeader))) {
    return nullptr;
  }
  for (std::size_t i = 0; i < made->bits_.size(); ++i) {
    made->bits_[i] = get_fixed<std::uint64_t>(bytes.data() + kHeader + i * 8);
  }
  // Bits past the last document would make two equal sets differ.
  if (documents % 64 != 0 && !made->bits_.empty() && made->bits_.back() >> (documents % 64) != 0) {
    return nullptr;
  }
  return made;
}

}  // namespace serai::retrieval
