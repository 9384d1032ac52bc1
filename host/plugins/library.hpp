// One plugin file in memory, a bare .so or a package (trust/package.hpp): its code is read into a
// sealed memfd, checked and hashed there, and those very bytes are loaded. So nobody can change the
// file between the check and the load, and overwriting or replacing it on disk touches nothing that
// runs. Unloading happens only with proof. Used by Generation.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/load_error.hpp"
#include "plugins/manifest.hpp"
#include "trust/policy.hpp"

extern "C" {
struct serai_entry;
}

namespace host::plugins {

class Library {
 public:
  // Reads, seals and checks the file; runs no code of it. `isolated`: it will run in a confined
  // child. Without a policy nobody asks who signed (reading manifests, tests); the hashes of a
  // package are checked all the same. Throws LoadError, TrustError if the policy refuses.
  explicit Library(const std::filesystem::path& file, const trust::Policy* policy = nullptr,
                   bool isolated = false);
  // Unloads if it was loaded and unload() was not called: see there.
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  const Manifest& manifest() const { return manifest_; }
  const std::string& name() const { return name_; }  // file name, for messages
  // Who vouches for it; empty without a policy.
  const trust::Verdict& verdict() const { return verdict_; }

  // The sealed memfd, open as long as this lives, and the libraries it is linked with: for a
  // process that maps it itself.
  int descriptor() const { return descriptor_; }
  const std::vector<std::string>& needed() const { return needed_; }

  // Maps the sealed bytes (constructors run here) and checks the entry against the manifest.
  // Throws LoadError.
  const serai_entry& load();

  // The static half of the proof: one export and no unique symbol, so that dlclose can unmap.
  bool unloadable() const { return unloadable_; }

  // Unmaps and reports whether the mapping is gone. False: kept for good (unprovable, or dlclose
  // left it mapped). The caller brings the run-time half of the proof: no call in flight, the
  // plugin destroyed, none of its memory in use.
  bool unload();

 private:
  class Loaded;

  bool mapped() const;
  void forget_view();
  void take_code(const std::filesystem::path& file, const trust::Policy* policy, bool isolated);
  std::string inspect();

  std::string name_;
  int descriptor_ = -1;      // sealed memfd; open as long as it is mapped, so that its name and
  unsigned long inode_ = 0;  // number cannot be taken by another file
  std::size_t size_ = 0;
  const std::byte* bytes_ = nullptr;  // a read-only view of the memfd
  std::string_view bundle_;
  Manifest manifest_;
  trust::Verdict verdict_;
  std::vector<std::string> needed_;
  bool unloadable_ = false;
  bool kept_ = false;
  std::unique_ptr<Loaded> loaded_;
};

// Manifest of a plugin file without loading it, for the command line.
ParsedManifest read_manifest(const std::filesystem::path& file);
// The same of a library in memory; `name` is for messages.
ParsedManifest read_manifest_of(std::string_view library, const std::string& name);

}  // namespace host::plugins
