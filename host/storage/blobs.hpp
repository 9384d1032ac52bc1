// Large immutable bytes of a tenant, addressed by content. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
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
  // Durable when it returns. Writing and committing throw SqlError(full or io) when the disk does
  // not take the bytes.
  virtual BlobRef commit() = 0;
};

class BlobReader {
 public:
  virtual ~BlobReader() = default;
  virtual std::uint64_t size() const = 0;
  // Reads up to out.size() bytes at `offset`; returns how many, 0 at the end. Throws Problem(500)
  // if the bytes no longer match the reference (checked while reading from start to end).
  virtual std::size_t read(std::uint64_t offset, std::span<std::byte> out) = 0;
  // An open descriptor of the plain file where the backend has one, else -1; owned by the reader.
  virtual int descriptor() const { return -1; }
};

class Blobs {
 public:
  virtual ~Blobs() = default;
  virtual std::unique_ptr<BlobWriter> create(const CallToken& token) = 0;
  // Throws Problem(404) for a reference the token's tenant does not have.
  virtual std::unique_ptr<BlobReader> open(const CallToken& token, const BlobRef& ref) = 0;
  // Gives back one reference: each commit() of the same content adds one, and the bytes go with the
  // last. No-op for a well-formed reference the tenant does not have.
  virtual void remove(const CallToken& token, const BlobRef& ref) = 0;
  virtual std::uint64_t usage(const CallToken& token) = 0;  // bytes
  virtual void destroy(const CallToken& token) = 0;         // everything of the tenant
};

// One folder per tenant below `directory`; temporary file, fsync, rename, fsync of the folder.
std::unique_ptr<Blobs> make_file_blobs(std::filesystem::path directory);

}  // namespace host::storage
