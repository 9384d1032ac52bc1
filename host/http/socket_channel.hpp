// SocketChannel: a Channel over a plain non-blocking socket. It borrows the descriptor; the
// listener owns and closes it, after Connection::detach(). Base of the TLS channel and used by both
// listeners.
#pragma once

#include <memory>

#include "http/channel.hpp"
#include "http/engine.hpp"

namespace host::http {

class SocketChannel : public Channel {
 public:
  SocketChannel(Engine& engine, std::uint64_t number, int descriptor)
      : engine_(engine), number_(number), descriptor_(descriptor) {}

  ssize_t write(const iovec* pieces, int count) override;
  ssize_t send_file(const SpooledFile& file, std::uint64_t offset, std::uint64_t length) override;
  void want_write() override;
  void finish_writing() override;
  void shut_down() override;

 protected:
  int descriptor() const { return descriptor_; }

 private:
  Engine& engine_;
  const std::uint64_t number_;
  const int descriptor_;
  bool watched_ = false;
};

}  // namespace host::http
