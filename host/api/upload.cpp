#include "api/upload.hpp"

#include "base/problem.hpp"
#include "http/multipart.hpp"

namespace host::api {
namespace {

constexpr std::size_t kLongestField = 256 * 1024;
constexpr std::size_t kMostParts = 50;
// A mail of 25 MB can have hundreds of attachments.
constexpr std::size_t kMostForeignParts = 500;

}  // namespace

// Puts each part where it belongs as its bytes come in.
class UploadReceiver : public http::MultipartSink {
 public:
  UploadReceiver(Upload& upload, const CallToken& token, storage::Blobs& blobs,
                 plugins::BlobKeeper& keeper)
      : upload_(upload), token_(token), blobs_(blobs), keeper_(keeper) {}

  bool on_part(http::MultipartPart part) override {
    auto& owned = upload_.owned_.emplace_back();
    owned.name = std::move(part.name);
    owned.content_type = std::move(part.content_type);
    if (part.filename) {
      owned.file_name = std::move(*part.filename);
      writer_ = blobs_.create(token_);
    }
    return true;
  }

  bool on_bytes(std::string_view bytes) override {
    auto& owned = upload_.owned_.back();
    owned.size += bytes.size();
    if (!writer_ && owned.data.size() + bytes.size() > kLongestField) {
      writer_ = blobs_.create(token_);
      writer_->write(std::as_bytes(std::span(owned.data.data(), owned.data.size())));
      owned.data.clear();
    }
    if (writer_)
      writer_->write(std::as_bytes(std::span(bytes.data(), bytes.size())));
    else
      owned.data.append(bytes);
    return true;
  }

  bool on_part_end() override {
    if (writer_) {
      upload_.blobs_.push_back(keeper_.commit_upload(token_, *writer_));
      upload_.owned_.back().blob = upload_.blobs_.back().reference();
      writer_.reset();
    }
    return true;
  }

 private:
  Upload& upload_;
  const CallToken& token_;
  storage::Blobs& blobs_;
  plugins::BlobKeeper& keeper_;
  std::unique_ptr<storage::BlobWriter> writer_;
};

Upload receive_upload(const http::Request& request, const CallToken& token, storage::Blobs& blobs,
                      plugins::BlobKeeper& keeper, FormOf form_of) {
  const bool foreign = form_of == FormOf::provider;
  Upload upload;
  UploadReceiver receiver(upload, token, blobs, keeper);
  http::MultipartLimits limits;
  limits.parts = foreign ? kMostForeignParts : kMostParts;
  limits.field_bytes = foreign ? request.body_size() : kLongestField;
  limits.file_bytes = request.body_size();
  const auto fault = http::parse_multipart(request, receiver, limits);
  if (fault.status != 0)
    throw Problem(fault.status, std::string(fault.code), std::string(fault.detail));
  for (const auto& owned : upload.owned_) {
    upload.views_.push_back(
        {owned.name, owned.file_name, owned.content_type, owned.data, owned.blob, owned.size});
  }
  return upload;
}

}  // namespace host::api
