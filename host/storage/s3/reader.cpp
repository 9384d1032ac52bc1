// Reading a blob: a part at a time, and no byte of a part before its hash was found right.
#include <algorithm>
#include <cstring>

#include "base/sha256.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "storage/blob_hash.hpp"
#include "storage/s3/context.hpp"
#include "storage/s3/rows.hpp"

namespace host::storage::s3_store {
namespace {

// Damage on the way is not damage in the store: one more try tells them apart.
constexpr int kTries = 2;

class Reader final : public BlobReader {
 public:
  Reader(std::shared_ptr<Context> context, const CallToken& token, BlobRow row)
      : context_(std::move(context)),
        row_(std::move(row)),
        key_(context_->key(token.tenant(), row_.object)),
        tenant_(token.tenant()),
        deadline_(token.deadline()) {}

  std::uint64_t size() const override { return row_.size; }

  std::size_t read(std::uint64_t offset, std::span<std::byte> out) override {
    std::size_t got = 0;
    while (got < out.size() && offset + got < row_.size) {
      const std::uint64_t number = (offset + got) / row_.part_size;
      if (number != loaded_) load(number);
      const std::uint64_t within = offset + got - number * row_.part_size;
      const std::size_t count = std::min<std::size_t>(out.size() - got, part_.size() - within);
      std::memcpy(out.data() + got, part_.data() + within, count);
      got += count;
    }
    return got;
  }

  std::optional<std::string> link(const DownloadHeaders& headers) override {
    if (!context_->options.links) return std::nullopt;
    s3::Pairs parameters;
    if (!headers.content_type.empty())
      parameters.emplace_back("response-content-type", headers.content_type);
    // Never shown in the store's own origin: another answer's script would be at home there.
    const bool attachment = headers.content_disposition.starts_with("attachment");
    parameters.emplace_back("response-content-disposition",
                            attachment ? headers.content_disposition : "attachment");
    return context_->client.link(key_, parameters, context_->options.link_life);
  }

 private:
  void load(std::uint64_t number) {
    const std::uint64_t begin = number * row_.part_size;
    const std::uint64_t size = std::min(row_.part_size, row_.size - begin);
    const std::string_view digest =
        std::string_view(row_.digests).substr(number * kDigestDigits, kDigestDigits);
    loaded_ = kNone;
    for (int i = 0; i < kTries; ++i) {
      try {
        part_ = context_->client.get(key_, begin, size, deadline_);
      } catch (const s3::ClientError& error) {
        if (error.failure() != s3::Failure::missing) fail(error, "read");
        damaged(std::string("the object is gone or has another size: ") + error.what());
      }
      if (sha256_digits(part_) != digest) continue;
      loaded_ = number;
      return;
    }
    damaged("the bytes are not those that were stored");
  }

  [[noreturn]] void damaged(const std::string& reason) {
    part_.clear();
    observe::metrics()
        .counter("serai_blob_store_corrupt_total",
                 "Reads whose bytes did not match their hash or were missing.")
        .add();
    observe::log(observe::Level::error, "A stored file is damaged.",
                 {{"tenant", tenant_}, {"key", key_}, {"error", reason}});
    throw Problem(500, "blob_corrupt", "The stored file is damaged.");
  }

  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  const std::shared_ptr<Context> context_;
  const BlobRow row_;
  const std::string key_, tenant_;
  const Deadline deadline_;
  std::uint64_t loaded_ = kNone;
  std::string part_;
};

}  // namespace

std::unique_ptr<BlobReader> make_reader(std::shared_ptr<Context> context, const CallToken& token,
                                        const BlobRef& ref, Session* session) {
  (void)digest_of(ref);  // 404 for anything malformed
  (void)context->tenant_prefix(token.tenant());
  std::unique_ptr<Session> own;
  if (!session) {
    own = context->store.tenant(token);
    session = own.get();
  }
  auto row = find_blob(*session, ref);
  if (!row) throw not_found("There is no such file.");
  return std::make_unique<Reader>(std::move(context), token, std::move(*row));
}

}  // namespace host::storage::s3_store
