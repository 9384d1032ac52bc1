// serai.blob/1: large immutable bytes of the tenant.
#include "plugins/boundary.hpp"
#include "serai/abi/blob.h"

namespace host::plugins {
namespace {

constexpr std::uint64_t kMaxPiece = 1 << 20;

storage::Blobs& blobs_of(CallContext& context) {
  return need_room(inside_of(context).rooms.blobs, "blob store");
}

// A store that keeps its books in the tenant's database reads them in the call's own transaction.
storage::Session* session_of(CallContext& context, storage::Blobs& blobs) {
  return blobs.shared() ? &context.host_session() : nullptr;
}

[[noreturn]] void wrong_kind() {
  throw Problem(500, "stale_handle", "The handle is not of that kind.");
}

serai_status create(serai_call call, serai_handle* writer) noexcept {
  return boundary(call, Interface::blob, Need::token, "blob.create", [&](CallContext& context) {
    auto& out = require(writer);
    out = context.add_blob({blobs_of(context).create(context.token()), nullptr, {}});
  });
}

serai_status write(serai_call call, serai_handle writer, serai_str piece) noexcept {
  return boundary(call, Interface::blob, Need::token, "blob.write", [&](CallContext& context) {
    auto& handle = context.blob(writer);
    if (!handle.writer) wrong_kind();
    const auto bytes = view(piece);
    context.used.add(usage::Unit::blob_bytes_written, static_cast<std::int64_t>(bytes.size()));
    handle.writer->write({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()});
  });
}

serai_status commit(serai_call call, serai_handle writer, serai_str* reference) noexcept {
  return boundary(call, Interface::blob, Need::token, "blob.commit", [&](CallContext& context) {
    auto& out = require(reference);
    auto& handle = context.blob(writer);
    if (!handle.writer) wrong_kind();
    const auto made = inside_of(context).blob_keeper.commit(context, *handle.writer);
    context.close_blob(writer);
    out = context.give(made);
  });
}

serai_status open(serai_call call, serai_str reference, serai_handle* reader,
                  std::uint64_t* size) noexcept {
  return boundary(call, Interface::blob, Need::token, "blob.open", [&](CallContext& context) {
    auto& out = require(reader);
    auto& blobs = blobs_of(context);
    auto opened =
        blobs.open(context.token(), std::string(view(reference)), session_of(context, blobs));
    if (size) *size = opened->size();
    out = context.add_blob({nullptr, std::move(opened), {}});
  });
}

serai_status read(serai_call call, serai_handle reader, std::uint64_t offset, std::uint64_t size,
                  serai_str* piece) noexcept {
  return boundary(call, Interface::blob, Need::token, "blob.read", [&](CallContext& context) {
    auto& out = require(piece);
    auto& handle = context.blob(reader);
    if (!handle.reader) wrong_kind();
    handle.piece.resize(std::min(size, kMaxPiece));
    const auto got = handle.reader->read(offset, handle.piece);
    context.used.add(usage::Unit::blob_bytes_read, static_cast<std::int64_t>(got));
    out = {reinterpret_cast<const char*>(handle.piece.data()), got};
  });
}

void close(serai_call call, serai_handle handle) noexcept {
  boundary(call, Interface::blob, Need::memory, "blob.close",
           [&](CallContext& context) { context.close_blob(handle); });
}

serai_status keep(serai_call call, serai_str reference) noexcept {
  return boundary(call, Interface::blob, Need::token, "blob.keep", [&](CallContext& context) {
    const std::string wanted(view(reference));
    auto& blobs = blobs_of(context);
    // 404 unless the tenant has it
    (void)blobs.open(context.token(), wanted, session_of(context, blobs));
    inside_of(context).blob_keeper.keep(context, wanted);
  });
}

serai_status remove(serai_call call, serai_str reference) noexcept {
  return boundary(call, Interface::blob, Need::token, "blob.remove", [&](CallContext& context) {
    inside_of(context).blob_keeper.give_up(context, view(reference));
  });
}

constexpr serai_blob_api kTable{
    sizeof(serai_blob_api), 0, create, write, commit, open, read, close, keep, remove};

}  // namespace

const void* blob_table() noexcept { return &kTable; }

}  // namespace host::plugins
