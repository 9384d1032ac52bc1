// Writing a blob: whole if it fits in one part, else part by part as the bytes come, so that one
// part is all that lies in memory.
#include <stdexcept>

#include "base/random.hpp"
#include "base/sha256.hpp"
#include "observe/log.hpp"
#include "storage/blob_hash.hpp"
#include "storage/s3/context.hpp"
#include "storage/s3/rows.hpp"

namespace host::storage::s3_store {
namespace {

constexpr int kMostParts = 10'000;                       // S3's own limit
constexpr int kTries = 10;                               // against others who commit the same bytes
constexpr auto kToTidy = std::chrono::seconds(10);       // after a failure
constexpr auto kReadersTime = std::chrono::minutes(15);  // for those at an object that is replaced

class Writer final : public BlobWriter {
 public:
  Writer(std::shared_ptr<Context> context, CallToken token)
      : context_(std::move(context)),
        token_(std::move(token)),
        object_(random_hex(16)),
        key_(context_->key(token_.tenant(), object_)) {}

  ~Writer() override {
    if (!announced_ || sent_) return;
    try {
      const auto deadline = std::chrono::steady_clock::now() + kToTidy;
      if (!upload_.empty()) context_->client.abort_upload(key_, upload_, deadline);
      // A single PUT that failed may still have arrived.
      context_->client.remove(key_, deadline);
      context_->candidates.drop(object_);
    } catch (const std::exception& error) {
      // It stands among the candidates: the upkeep comes back to it.
      observe::log(observe::Level::warning, "An upload could not be taken back at once.",
                   {{"tenant", token_.tenant()}, {"error", error.what()}});
    }
  }

  void write(Bytes piece) override {
    if (sent_) throw std::logic_error("a blob was written to after its commit");
    whole_.add(piece);
    size_ += piece.size();
    while (!piece.empty()) {
      // A full part goes when more comes: what ends here may be the whole.
      if (part_.size() == context_->options.part_size) send_part();
      const auto room = context_->options.part_size - part_.size();
      const auto now = piece.first(std::min<std::size_t>(room, piece.size()));
      part_.append(reinterpret_cast<const char*>(now.data()), now.size());
      piece = piece.subspan(now.size());
    }
  }

  BlobRef commit(Session* session) override {
    if (sent_) throw std::logic_error("a blob was committed twice");
    const std::string digits = whole_.digits();
    send_rest(digits);
    sent_ = true;
    const BlobRef ref = reference_of(digits);
    std::unique_ptr<Session> own;
    if (!session) {
      own = context_->store.tenant(token_);
      session = own.get();
    }
    record(*session, ref);
    return ref;
  }

 private:
  // Before the store hears of the object: if we die now, the upkeep knows where to look.
  void announce() {
    if (announced_) return;
    context_->candidates.add(object_, token_.tenant(),
                             context_->options.clock() + Blobs::kReferenceLife);
    announced_ = true;
  }

  void send_part() {
    if (etags_.size() >= kMostParts)
      throw Problem(413, "blob_too_large", "The file is larger than the store takes.");
    try {
      announce();
      if (upload_.empty()) upload_ = context_->client.create_upload(key_, token_.deadline());
      const std::string digest = sha256_digits(part_);
      etags_.push_back(context_->client.put_part(key_, upload_, static_cast<int>(etags_.size()) + 1,
                                                 part_, digest, token_.deadline()));
      digests_ += digest;
    } catch (const s3::ClientError& error) {
      fail(error, "store");
    }
    part_.clear();
  }

  void send_rest(const std::string& digits) {
    if (!upload_.empty()) {
      if (!part_.empty()) send_part();
      try {
        context_->client.complete_upload(key_, upload_, etags_, size_, token_.deadline());
      } catch (const s3::ClientError& error) {
        fail(error, "store");
      }
      return;
    }
    try {
      announce();
      context_->client.put(key_, part_, digits, token_.deadline());
      digests_ = digits;
    } catch (const s3::ClientError& error) {
      fail(error, "store");
    }
  }

  // The new object takes the place of an older one with the same content, which heals it should its
  // bytes have rotted; the older one goes when nobody can be reading it any more.
  void record(Session& session, const BlobRef& ref) {
    const auto now = context_->options.clock();
    BlobRow row;
    row.object = object_;
    row.size = size_;
    row.part_size = context_->options.part_size;
    row.digests = digests_;
    row.held_until = to_text(now + Blobs::kReferenceLife);
    try {
      for (int i = 0; i < kTries; ++i) {
        const auto before = find_blob(session, ref);
        if (before) context_->candidates.add(before->object, token_.tenant(), now + kReadersTime);
        if (put_blob(session, ref, row, before ? before->object : "")) return;
      }
    } catch (const SqlError& error) {
      if (error.fault() != SqlFault::unique) throw;
      throw unavailable("upload_too_slow", "Storing the file took too long. Try again.", 1);
    }
    throw unavailable("busy", "The same file is being stored many times at once. Try again.", 1);
  }

  const std::shared_ptr<Context> context_;
  const CallToken token_;
  const std::string object_, key_;
  BlobHash whole_;
  std::uint64_t size_ = 0;
  std::string part_;  // at most one part
  bool announced_ = false, sent_ = false;
  std::string upload_, digests_;
  std::vector<std::string> etags_;
};

}  // namespace

std::unique_ptr<BlobWriter> make_writer(std::shared_ptr<Context> context, CallToken token) {
  return std::make_unique<Writer>(std::move(context), std::move(token));
}

}  // namespace host::storage::s3_store
