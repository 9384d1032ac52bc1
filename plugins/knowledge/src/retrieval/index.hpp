// The inverted index of one tenant: documents come and go, snapshots are searched, segments are
// handed out to be stored. Holds no text and does no I/O. Thread-safe: writers take turns, readers
// only copy a pointer.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer.hpp"
#include "snapshot.hpp"
#include "types.hpp"

namespace serai::retrieval {

// What the owner's storage holds of one segment.
struct StoredSegment {
  std::string id;          // of Segment::id()
  std::string bytes;       // immutable under this id
  std::string tombstones;  // may change; empty: everything lives
  // For load(): the same segment as it is in memory already; its bytes are not looked at then.
  std::shared_ptr<const Segment> parsed = nullptr;
};

// The rows by which storage that holds one snapshot comes to hold another.
struct StorageChange {
  std::vector<StoredSegment> insert;
  std::vector<StoredSegment> update;  // bytes left empty: only the tombstones are new
  std::vector<std::string> remove;    // ids

  bool empty() const { return insert.empty() && update.empty() && remove.empty(); }
};

StorageChange storage_change(const Snapshot& stored, const Snapshot& now);

class Index {
 public:
  // The analyzer outlives the index; many indexes may share one.
  explicit Index(const Analyzer& analyzer);

  // Adds documents, each in place of any earlier one of its id. Searches see all or none of them.
  // Put many at once where possible: one call makes one segment.
  void put(std::span<const Document> documents);
  void put(const Document& document) { put(std::span<const Document>(&document, 1)); }

  // False when there is no such document.
  bool remove(std::string_view document);

  std::shared_ptr<const Snapshot> snapshot() const;

  // Does at most one merge that put() leaves undone because it would take long (about 1 s for
  // 100,000 chunks) without keeping searches or writers waiting. True: call again. For a
  // background job; searches are right without it, only slower.
  bool maintain();

  // Merges everything into one segment.
  void compact();

  // Replaces the content by stored segments. False, with the reason and without any change, when
  // one of them is not whole: the owner then puts its documents anew.
  bool load(std::vector<StoredSegment> stored, std::string* error = nullptr);

  // Goes back to an earlier snapshot of this index, after the owner failed to store a later one.
  void restore(std::shared_ptr<const Snapshot> snapshot);

  // Of the present snapshot, tables included.
  std::size_t memory_bytes() const { return snapshot()->memory_bytes(); }

 private:
  void publish(std::vector<Part> parts);
  bool merge(const std::vector<std::size_t>& chosen, const Snapshot& from);

  const Analyzer& analyzer_;
  std::mutex maintenance_;            // one large merge at a time; taken before write_
  std::mutex write_;                  // held while the list of parts changes
  mutable std::mutex current_mutex_;  // held to copy or replace current_, never longer
  std::shared_ptr<const Snapshot> current_;
};

}  // namespace serai::retrieval
