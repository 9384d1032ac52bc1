// XML read forwards from an entry of a zip, node by node, by libxml2: no DTD, no entities of the
// file's own, nothing fetched, bounded depth. For the parts of a docx.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "zip_archive.hpp"

struct _xmlError;
struct _xmlTextReader;

namespace knowledge {

enum class XmlNode : std::uint8_t { start, end, text, other };

class XmlStream {
 public:
  // The entry outlives the stream.
  explicit XmlStream(ZipEntry& entry);
  ~XmlStream();
  XmlStream(const XmlStream&) = delete;
  XmlStream& operator=(const XmlStream&) = delete;

  // False at the end. Throws ExtractionError for broken XML, a DTD, or too deep nesting.
  bool next();
  XmlNode kind() const { return kind_; }
  // Without prefix; of an element.
  std::string_view name() const;
  // <a/>: no end follows.
  bool is_empty() const;
  std::string_view text() const;
  // Of the present element, by its name without prefix; empty when absent.
  std::string attribute(std::string_view name);
  // From the start of an element to just before what follows its end.
  void skip();

 private:
  static int read_entry(void* self, char* buffer, int size);
  static void note_error(void* self, _xmlError* error);

  ZipEntry& entry_;
  std::string failure_;    // what the entry threw, which cannot pass through libxml2
  bool too_deep_ = false;  // libxml2 reads ahead and may see it before next() does
  _xmlTextReader* reader_ = nullptr;
  XmlNode kind_ = XmlNode::other;
};

}  // namespace knowledge
