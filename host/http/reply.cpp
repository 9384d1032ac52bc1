// Reply: one answer, once, from any thread.
#include "http/server.hpp"

namespace host::http {

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this == &other) return *this;
  Reply overwritten(std::move(*this));  // answers for the one that is lost
  target_ = std::move(other.target_);
  request_ = other.request_;
  return *this;
}

Reply::~Reply() {
  if (!target_) return;
  try {
    target_->respond(request_, Response{0, {}, {}, {}});
  } catch (...) {  // out of memory: the handler's deadline answers instead
  }
}

void Reply::send(Response response) {
  const auto target = std::move(target_);
  if (target) target->respond(request_, std::move(response));
}

std::unique_ptr<Reply::Stream> Reply::stream(Response head) {
  const auto target = std::move(target_);
  return target ? target->stream(request_, std::move(head)) : nullptr;
}

bool Reply::abandoned() const { return !target_ || target_->gone(request_); }

}  // namespace host::http
