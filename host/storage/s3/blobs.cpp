// Removing, emptying and upkeep; writing and reading stand in writer.cpp and reader.cpp.
#include "storage/s3/blobs.hpp"

#include <atomic>
#include <condition_variable>
#include <optional>
#include <thread>

#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "storage/blob_hash.hpp"
#include "storage/files.hpp"
#include "storage/s3/context.hpp"
#include "storage/s3/rows.hpp"

namespace host::storage {
namespace s3_store {

std::string Context::tenant_prefix(const std::string& tenant) const {
  // Ends with '/': "acme/" begins no key of "acme-2".
  return options.prefix + "/" + folder_name(tenant) + "/";
}

std::string Context::key(const std::string& tenant, const std::string& object) const {
  return tenant_prefix(tenant) + object;
}

void fail(const s3::ClientError& error, std::string_view doing) {
  observe::log(observe::Level::warning, "The blob store did not do what it was asked.",
               {{"doing", doing}, {"error", error.what()}});
  throw unavailable("blob_store_unavailable",
                    "Files cannot be stored or read just now. Try again in a moment.", 10);
}

namespace {

using std::chrono::seconds;

constexpr std::size_t kLooked = 200;              // candidates at once
constexpr unsigned kRemovers = 4;                 // of the objects of a tenant that goes
constexpr auto kStepTime = seconds(600);          // at most; total_time of the client is less
constexpr auto kLater = std::chrono::minutes(5);  // for a candidate that failed
constexpr auto kBuried = std::chrono::hours(24);  // no commit lives as long

Deadline soon() { return std::chrono::steady_clock::now() + kStepTime; }

class Blobs3 final : public S3Blobs {
 public:
  Blobs3(Store& store, S3BlobOptions options)
      : context_(std::make_shared<Context>(store, std::move(options))) {
    store.register_tenant(tenant_tables());
  }

  ~Blobs3() override {
    if (upkeep_.joinable()) {
      upkeep_.request_stop();
      context_->client.stop();  // the upkeep may be waiting for a store that does not answer
    }
  }

  std::unique_ptr<BlobWriter> create(const CallToken& token) override {
    return make_writer(context_, token);
  }

  std::unique_ptr<BlobReader> open(const CallToken& token, const BlobRef& ref,
                                   Session* session) override {
    return make_reader(context_, token, ref, session);
  }

  void remove(const CallToken& token, const BlobRef& ref) override {
    (void)digest_of(ref);
    (void)context_->tenant_prefix(token.tenant());
    const auto session = context_->store.tenant(token);
    settle(token, ref, 1, *session, [] { return false; });
  }

  std::uint64_t usage(const CallToken& token) override {
    (void)context_->tenant_prefix(token.tenant());
    return stored_bytes(*context_->store.tenant(token));
  }

  void destroy(const CallToken& token) override {
    const std::string prefix = context_->tenant_prefix(token.tenant());
    try {
      abort_uploads(prefix);
      // Again until nothing is left: a page names what was there when it was made.
      while (remove_page(prefix)) {
      }
    } catch (const s3::ClientError& error) {
      fail(error, "remove a tenant's files");
    }
  }

  bool shared() const override { return true; }

  void settle(const CallToken& token, const BlobRef& ref, std::int64_t references, Session& session,
              const std::function<bool()>& kept) override {
    // Again while another commit of the same bytes puts its object in the place of the one we saw.
    while (const auto row = find_blob(session, ref)) {
      if (kept()) {
        if (references == 0 || give_back(session, ref, row->object, references)) return;
        continue;
      }
      context_->candidates.add(row->object, token.tenant(), context_->options.clock());
      const auto removed = remove_row(session, ref, row->object, references, kept);
      if (!removed) continue;
      if (*removed) erase(token.tenant(), row->object);
      return;
    }
  }

  void hold(const CallToken& /*token*/, const BlobRef& ref, Session& session) override {
    (void)digest_of(ref);
    if (!lock_blob(session, ref)) throw not_found("There is no such file.");
  }

  void will_settle(const CallToken& token, const BlobRef& ref, Session& session) override {
    if (const auto row = find_blob(session, ref))
      context_->candidates.add(row->object, token.tenant(),
                               context_->options.clock() + kReferenceLife);
  }

  void ask_kept(std::function<bool(Session&, const BlobRef&)> kept) override {
    kept_ = std::move(kept);
  }

  void start() override {
    upkeep_ = std::jthread([this](const std::stop_token& stop) {
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any wake;
      do {
        context_->client.probe(context_->options.prefix + "/");
        if (context_->client.trouble().empty()) (void)tidy();
      } while (!wake.wait_for(lock, stop, context_->options.upkeep_every,
                              [&] { return stop.stop_requested(); }));
    });
  }

  std::string trouble() const override { return context_->client.trouble(); }

  std::size_t tidy() override {
    std::size_t looked = 0;
    try {
      const auto now = context_->options.clock();
      for (const auto& candidate : context_->candidates.due(now, kLooked)) {
        if (context_->client.stopped()) break;
        look_at(candidate);
        ++looked;
      }
      observe::metrics()
          .gauge("serai_blob_store_garbage", "Objects that wait to be looked at or deleted.")
          .set(static_cast<double>(context_->candidates.count_due(now)));
    } catch (const std::exception& error) {
      observe::log(observe::Level::warning, "The blob store's upkeep was interrupted.",
                   {{"error", error.what()}});
    }
    return looked;
  }

 private:
  // True if the row is gone, durably, and so the object is garbage; nullopt if the object was not
  // the row's any more, and nothing was given back.
  std::optional<bool> remove_row(Session& session, const BlobRef& ref, const std::string& object,
                                 std::int64_t references, const std::function<bool()>& kept) {
    Transaction transaction(session);
    // Takes the lock: who keeps the blob from here on comes before us or finds it gone.
    if (!give_back(session, ref, object, references)) return std::nullopt;
    bool mine = !kept();
    if (mine) {
      const auto row = find_blob(session, ref);
      mine = row && (row->references == 0 || row->held_until <= to_text(context_->options.clock()));
    }
    if (mine) delete_blob(session, object);
    transaction.commit();
    return mine;
  }

  // The caller's work is done without it: what fails here the upkeep tries again.
  void erase(const std::string& tenant, const std::string& object) noexcept {
    try {
      context_->client.remove(context_->key(tenant, object), soon());
      context_->candidates.drop(object);
    } catch (const std::exception& error) {
      observe::log(observe::Level::warning, "A removed file will be deleted later.",
                   {{"tenant", tenant}, {"error", error.what()}});
    }
  }

  void look_at(const Candidate& candidate) {
    try {
      if (is_garbage(candidate)) {
        const std::string key = context_->key(candidate.tenant, candidate.object);
        abort_uploads(key);
        context_->client.remove(key, soon());
      }
      context_->candidates.drop(candidate.object);
    } catch (const Held& held) {
      context_->candidates.add(candidate.object, candidate.tenant, held.until);
    } catch (const std::exception& error) {
      observe::log(observe::Level::warning, "A file that may be garbage could not be looked at.",
                   {{"tenant", candidate.tenant}, {"error", error.what()}});
      context_->candidates.add(candidate.object, candidate.tenant,
                               context_->options.clock() + kLater);
    }
  }

  struct Held {
    Timestamp until;
  };

  bool is_garbage(const Candidate& candidate) {
    const CallToken token = context_->options.token_for(candidate.tenant, soon());
    std::unique_ptr<Session> session;
    try {
      session = context_->store.tenant(token);
    } catch (const Problem& problem) {
      if (problem.status() != 404) throw;
      return true;  // the tenant has gone
    }
    forget_buried(*session, context_->options.clock() - kBuried);
    const ObjectState state = find_object(*session, candidate.object);
    if (!state.known) {
      // From here on its commit fails, should it still be under way; if it was faster, it lives.
      return bury_object(*session, candidate.object, context_->options.clock()) ||
             is_garbage(candidate);
    }
    if (state.reference.empty()) return true;
    const auto kept = [&] { return !kept_ || kept_(*session, state.reference); };
    if (kept()) return false;
    if (remove_row(*session, state.reference, candidate.object, 0, kept).value_or(false))
      return true;
    if (const auto row = find_blob(*session, state.reference);
        row && row->object == candidate.object && row->references > 0 && !kept())
      throw Held{parse_timestamp(row->held_until)};
    return is_garbage(candidate);  // it was kept, replaced or removed meanwhile
  }

  void abort_uploads(const std::string& prefix) {
    for (s3::UploadPage page;;) {
      page = context_->client.list_uploads(prefix, page, soon());
      for (const auto& upload : page.uploads) {
        if (upload.key.starts_with(prefix))
          context_->client.abort_upload(upload.key, upload.id, soon());
      }
      if (page.next_key.empty()) return;
    }
  }

  // Removes the objects of one page; false if there were none.
  bool remove_page(const std::string& prefix) {
    const s3::ObjectPage page = context_->client.list(prefix, "", soon());
    for (const auto& object : page.objects) {
      // A store that lists more than it was asked for shall not make us delete others' objects.
      if (!object.key.starts_with(prefix))
        throw s3::ClientError(s3::Failure::refused, "the store listed a key of somebody else");
    }
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr fault;
    {
      std::vector<std::jthread> removers;
      for (unsigned i = 0; i < kRemovers; ++i) {
        removers.emplace_back([&] {
          try {
            for (std::size_t at = next++; at < page.objects.size(); at = next++)
              context_->client.remove(page.objects[at].key, soon());
          } catch (...) {
            next = page.objects.size();
            const std::lock_guard lock(mutex);
            fault = std::current_exception();
          }
        });
      }
    }
    if (fault) std::rethrow_exception(fault);
    return !page.objects.empty();
  }

  const std::shared_ptr<Context> context_;
  std::function<bool(Session&, const BlobRef&)> kept_;
  std::jthread upkeep_;  // last: it ends before the rest goes
};

}  // namespace
}  // namespace s3_store

std::unique_ptr<S3Blobs> make_s3_blobs(Store& store, S3BlobOptions options) {
  if (options.part_size == 0) throw std::invalid_argument("part_size must not be 0");
  return std::make_unique<s3_store::Blobs3>(store, std::move(options));
}

}  // namespace host::storage
