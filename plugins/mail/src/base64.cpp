#include "base64.hpp"

#include <memory>

#include <glib.h>

namespace mail {
namespace {

template <class Byte>
using Bytes = std::unique_ptr<Byte, void (*)(void*)>;

}  // namespace

std::string base64(const std::string& bytes) {
  const Bytes<char> text(
      g_base64_encode(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()), g_free);
  return text.get();
}

std::optional<std::string> from_base64(const std::string& text) {
  std::size_t size = 0;
  const Bytes<unsigned char> raw(g_base64_decode(text.c_str(), &size), g_free);
  std::string bytes(reinterpret_cast<const char*>(raw.get()), size);
  if (base64(bytes) != text) return std::nullopt;  // GLib passes over what is none
  return bytes;
}

}  // namespace mail
