#include "library.hpp"

#include <fstream>
#include <stdexcept>
#include <string>

#include <dlfcn.h>

namespace serai::check {

Library::Library(const std::filesystem::path& file)
    : handle_(::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr)
    throw std::runtime_error(std::string("The dynamic linker refuses it: ") + ::dlerror());
  entry_ = static_cast<const serai_entry*>(::dlsym(handle_, SERAI_ENTRY_SYMBOL));
  if (entry_ == nullptr) {
    ::dlclose(handle_);
    throw std::runtime_error("It does not export " SERAI_ENTRY_SYMBOL ".");
  }
}

Library::~Library() { ::dlclose(handle_); }

bool Library::is_mapped(const std::filesystem::path& file) {
  const std::string path = std::filesystem::canonical(file).string();
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(" " + path)) return true;
  }
  return false;
}

}  // namespace serai::check
