// Large immutable bytes of a tenant, addressed by content. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/call_token.hpp"
#include "storage/sql.hpp"

namespace host::storage {

// Reference to a blob: "sha256-<64 hex digits>". Meaningless to any other tenant.
using BlobRef = std::string;

class BlobWriter {
 public:
  virtual ~BlobWriter() = default;  // without commit(): nothing is kept
  virtual void write(Bytes piece) = 0;
  // Durable when it returns, or, with a session of the same tenant that has a transaction open,
  // with that transaction. Writing and committing throw SqlError(full or io) when the disk does
  // not take the bytes, Problem(503 blob_store_unavailable) when a store over the network does not.
  virtual BlobRef commit(Session* session = nullptr) = 0;
};

// How a browser is to treat a download.
struct DownloadHeaders {
  std::string content_type, content_disposition;
};

class BlobReader {
 public:
  virtual ~BlobReader() = default;
  virtual std::uint64_t size() const = 0;
  // Reads up to out.size() bytes at `offset`; returns how many, 0 at the end. Throws Problem(500)
  // if the bytes no longer match the reference: in files when they were read from start to end, in
  // S3 before any byte of the damaged part is given out.
  virtual std::size_t read(std::uint64_t offset, std::span<std::byte> out) = 0;
  // An open descriptor of the plain file where the backend has one, else -1; owned by the reader.
  virtual int descriptor() const { return -1; }
  // An address from which whoever has it may fetch the bytes for a short time; nullopt where the
  // backend has none or the operator wants none. Ask only for a caller who may read the blob.
  virtual std::optional<std::string> link(const DownloadHeaders&) { return std::nullopt; }
};

class Blobs {
 public:
  virtual ~Blobs() = default;
  virtual std::unique_ptr<BlobWriter> create(const CallToken& token) = 0;
  // Throws Problem(404) for a reference the token's tenant does not have. `session`: one of the
  // same tenant, to see what its open transaction has committed; null: the store opens its own.
  virtual std::unique_ptr<BlobReader> open(const CallToken& token, const BlobRef& ref,
                                           Session* session = nullptr) = 0;
  // Gives back one reference: each commit() of the same content adds one, and the bytes go with the
  // last. No-op for a well-formed reference the tenant does not have.
  virtual void remove(const CallToken& token, const BlobRef& ref) = 0;
  virtual std::uint64_t usage(const CallToken& token) = 0;  // bytes
  virtual void destroy(const CallToken& token) = 0;         // everything of the tenant

  // Whether other nodes work on the same blobs. Then references count only while whoever committed
  // is at work (kReferenceLife at most), and what is kept for good stands in the tenant's database:
  // settle() asks.
  virtual bool shared() const { return false; }
  static constexpr std::chrono::hours kReferenceLife{1};
  // Gives back `references`, and removes the blob if no living reference is left and `kept`, which
  // reads with the same session, says no. The session has no transaction open.
  virtual void settle(const CallToken& token, const BlobRef& ref, std::int64_t references,
                      Session& session, const std::function<bool()>& kept);
  // Locks the blob in the session's transaction, so that settle() cannot remove it before the
  // transaction ends. Throws Problem(404) if there is none.
  virtual void hold(const CallToken& token, const BlobRef& ref, Session& session);
  // The blob will be looked at again even if the process dies before settle().
  virtual void will_settle(const CallToken& token, const BlobRef& ref, Session& session);
  // How the store's own upkeep finds out what is kept; before start().
  virtual void ask_kept(std::function<bool(Session&, const BlobRef&)> kept);

  // Upkeep in the background, until destruction. After the platform's migrations.
  virtual void start() {}
  // Why the store cannot be used now; empty when it can. Quick.
  virtual std::string trouble() const { return {}; }
};

// One folder per tenant below `directory`; temporary file, fsync, rename, fsync of the folder.
std::unique_ptr<Blobs> make_file_blobs(std::filesystem::path directory);

}  // namespace host::storage
