// Channel: the socket under a connection, as its listener offers it. The connection makes every
// call under its own lock and never after detach(), so that no byte can reach a descriptor that has
// been closed and given to another client. Nothing here blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sys/types.h>
#include <sys/uio.h>

namespace host::http {

class SpooledFile;

class Channel {
 public:
  static constexpr ssize_t kBroken = -1;       // the client is gone
  static constexpr ssize_t kUnsupported = -2;  // send_file: read the file yourself

  virtual ~Channel() = default;
  // Takes what can be taken now; 0: nothing until writable again.
  virtual ssize_t write(const iovec* pieces, int count) = 0;
  virtual ssize_t send_file(const SpooledFile& file, std::uint64_t offset,
                            std::uint64_t length) = 0;
  // Bytes taken by write() that the kernel has not (TLS records). Tries again; false: still some.
  virtual bool flush() { return true; }
  // Asks for one Connection::on_writable().
  virtual void want_write() = 0;
  // Tells the client that no more will come.
  virtual void finish_writing() = 0;
  // Ends both directions; the listener then sees the end of input, detaches and closes.
  virtual void shut_down() = 0;

  // True: bytes from the socket must go through decrypt().
  virtual bool encrypted() const { return false; }
  // Appends plaintext; false: broken. Only with encrypted().
  virtual bool decrypt(std::string_view, std::string&) { return false; }

  // False: this listener cannot stop reading (Pistache).
  virtual bool can_pause() const { return false; }
  // The connection wants input again after Connection::wants_input() was false.
  virtual void resume_reading() {}
};

}  // namespace host::http
