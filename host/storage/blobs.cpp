// What only stores that several nodes share can do.
#include "storage/blobs.hpp"

#include <stdexcept>

namespace host::storage {
namespace {

[[noreturn]] void not_shared() { throw std::logic_error("these blobs belong to one process"); }

}  // namespace

void Blobs::settle(const CallToken&, const BlobRef&, std::int64_t, Session&,
                   const std::function<bool()>&) {
  not_shared();
}
void Blobs::hold(const CallToken&, const BlobRef&, Session&) { not_shared(); }
void Blobs::will_settle(const CallToken&, const BlobRef&, Session&) { not_shared(); }
void Blobs::ask_kept(std::function<bool(Session&, const BlobRef&)>) { not_shared(); }

}  // namespace host::storage
