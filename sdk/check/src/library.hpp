// A plugin's file, mapped by the dynamic linker.
#pragma once

#include <filesystem>

#include "serai/abi/entry.h"

namespace serai::check {

class Library {
 public:
  // Throws std::runtime_error with the linker's words.
  explicit Library(const std::filesystem::path& file);
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  const serai_entry& entry() const { return *entry_; }
  void* handle() const { return handle_; }

  // Whether any page of the file is mapped in this process.
  static bool is_mapped(const std::filesystem::path& file);

 private:
  void* handle_;
  const serai_entry* entry_;
};

}  // namespace serai::check
