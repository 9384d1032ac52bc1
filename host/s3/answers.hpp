// The XML in which S3 answers, read by libxml2 with entities, DTDs and the network off. What is not
// the document that was asked for is a BadAnswer: somebody else than S3 answered.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace host::s3 {

class BadAnswer : public std::exception {
 public:
  explicit BadAnswer(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

struct ErrorAnswer {
  std::string code, message;
};
// Empty texts for anything that is no <Error>: proxies answer HTML.
ErrorAnswer read_error(std::string_view xml) noexcept;

struct ListedObject {
  std::string key;
  std::uint64_t size = 0;
};
struct ObjectPage {
  std::vector<ListedObject> objects;
  std::string next;  // continuation token; empty: this was the last page
};
ObjectPage read_objects(std::string_view xml);

struct Upload {
  std::string key, id;
};
struct UploadPage {
  std::vector<Upload> uploads;
  std::string next_key, next_id;  // markers; both empty: this was the last page
};
UploadPage read_uploads(std::string_view xml);

std::string read_upload_id(std::string_view xml);
// CompleteMultipartUpload may answer 200 and an <Error>: then `code` is not empty.
ErrorAnswer read_completed(std::string_view xml);

// The body of CompleteMultipartUpload; part 1 is etags[0].
std::string parts_document(const std::vector<std::string>& etags);

}  // namespace host::s3
