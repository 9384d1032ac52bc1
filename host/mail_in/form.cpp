#include "mail_in/form.hpp"

#include <algorithm>
#include <map>
#include <span>

#include "base/problem.hpp"
#include "http/form.hpp"
#include "http/multipart.hpp"

namespace host::mail_in {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostParts = 500;  // a mail of 25 MB can have hundreds of attachments
constexpr std::size_t kInline = 64 << 10;
constexpr std::size_t kLongestField = 64 << 10;  // of those that say whose it is
constexpr std::size_t kMostRecipients = 100;
constexpr std::size_t kShownOfField = 1024;  // bytes

void parse(std::string_view bytes, std::string_view content_type, http::MultipartSink& sink) {
  const auto boundary = http::MultipartParser::boundary_of(content_type);
  if (!boundary) throw Problem(415, "unsupported_media_type", "This takes multipart/form-data.");
  http::MultipartLimits limits;
  limits.parts = kMostParts;
  limits.field_bytes = bytes.size();
  limits.file_bytes = bytes.size();
  http::MultipartParser parser(*boundary, sink, limits);
  if (parser.feed(bytes) && parser.finish()) return;
  const auto& fault = parser.fault();
  throw Problem(fault.status, std::string(fault.code), std::string(fault.detail));
}

// The fields that say whose it is, and the whole message if it is there.
class Fields : public http::MultipartSink {
 public:
  bool on_part(http::MultipartPart part) override {
    current_ = nullptr;
    for (const std::string_view name : {"envelope", "to", "from", "email"})
      if (part.name == name && !values.contains(name)) current_ = &values[part.name];
    limit_ = part.name == "email" ? std::string::npos : kLongestField;
    return true;
  }
  bool on_bytes(std::string_view bytes) override {
    if (current_ != nullptr && current_->size() + bytes.size() <= limit_) current_->append(bytes);
    return true;
  }
  bool on_part_end() override { return true; }

  std::map<std::string, std::string, std::less<>> values;

 private:
  std::string* current_ = nullptr;
  std::size_t limit_ = 0;
};

void add_address(std::vector<Address>& list, std::string_view text) {
  const auto address = parse_address(text);
  if (!address || address->domain.empty() || list.size() >= kMostRecipients) return;
  if (std::find(list.begin(), list.end(), *address) == list.end()) list.push_back(*address);
}

// "Lagoon <desk@lagoon.example>, info@x.example": every word with an @, without what stands around
// it.
void add_addresses(std::vector<Address>& list, std::string_view text) {
  static constexpr std::string_view kAround = " \t\r\n,;<>()\"'";
  while (!text.empty()) {
    const auto begin = text.find_first_not_of(kAround);
    if (begin == text.npos) return;
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(kAround), text.size());
    add_address(list, text.substr(0, end));
    text.remove_prefix(end);
  }
}

class Seen : public http::MultipartSink {
 public:
  bool on_part(http::MultipartPart part) override {
    const bool shown = part.name == "from" || part.name == "to" || part.name == "subject" ||
                       part.name == "envelope";
    left_ = shown && !part.filename ? kShownOfField : 0;
    fields.push_back(
        {std::move(part.name), part.filename.value_or(""), std::move(part.content_type), 0, ""});
    return true;
  }
  bool on_bytes(std::string_view bytes) override {
    fields.back().size += bytes.size();
    fields.back().value += bytes.substr(0, left_);
    left_ -= std::min(left_, bytes.size());
    return true;
  }
  bool on_part_end() override { return true; }

  std::vector<FieldSeen> fields;

 private:
  std::size_t left_ = 0;  // bytes that are shown still
};

class PartsOfTenant : public http::MultipartSink {
 public:
  PartsOfTenant(FormParts& parts, const CallToken& token, storage::Blobs& blobs,
                plugins::BlobKeeper& keeper)
      : parts_(parts), token_(token), blobs_(blobs), keeper_(keeper) {}

  bool on_part(http::MultipartPart part) override {
    current_ = {{"name", part.name}, {"content_type", part.content_type}};
    file_ = part.filename.has_value();
    if (file_) current_["file_name"] = *part.filename;
    bytes_.clear();
    return true;
  }
  bool on_bytes(std::string_view bytes) override {
    bytes_ += bytes;
    return true;
  }
  bool on_part_end() override {
    current_["size"] = bytes_.size();
    if (!file_ && bytes_.size() <= kInline && http::valid_utf8(bytes_)) {
      current_["data"] = bytes_;
    } else {
      const auto writer = blobs_.create(token_);
      writer->write(std::as_bytes(std::span(bytes_.data(), bytes_.size())));
      current_["blob"] =
          parts_.blobs.emplace_back(keeper_.commit_upload(token_, *writer)).reference();
    }
    parts_.list.push_back(std::move(current_));
    return true;
  }

 private:
  FormParts& parts_;
  const CallToken& token_;
  storage::Blobs& blobs_;
  plugins::BlobKeeper& keeper_;
  Json current_;
  bool file_ = false;
  std::string bytes_;
};

}  // namespace

bool is_form(const Mail& mail) { return mail.content_type.starts_with("multipart/form-data"); }

Mail mail_of_form(std::string bytes, std::string_view content_type) {
  Fields fields;
  parse(bytes, content_type, fields);
  Mail mail;
  mail.via = "webhook";
  const auto envelope = Json::parse(fields.values["envelope"], nullptr, false);
  if (envelope.is_object()) {
    if (const auto from = envelope.find("from"); from != envelope.end() && from->is_string())
      if (const auto sender = parse_address(from->get<std::string>())) mail.sender = sender->text();
    if (const auto to = envelope.find("to"); to != envelope.end() && to->is_array())
      for (const auto& one : *to)
        if (one.is_string()) add_address(mail.recipients, one.get<std::string>());
  }
  if (mail.recipients.empty()) add_addresses(mail.recipients, fields.values["to"]);
  if (auto& raw = fields.values["email"]; !raw.empty()) {
    mail.bytes = std::move(raw);
  } else if (fields.values["from"].empty()) {
    throw unprocessable({{"/from", "is missing, and so is /email: this form holds no mail"}});
  } else {
    mail.bytes = std::move(bytes);
    mail.content_type =
        "multipart/form-data" + std::string(content_type.substr(content_type.find(';')));
  }
  return mail;
}

std::vector<FieldSeen> fields_of_form(std::string_view bytes, std::string_view content_type) {
  Seen seen;
  parse(bytes, content_type, seen);
  return std::move(seen.fields);
}

FormParts parts_of(const Mail& mail, const CallToken& token, storage::Blobs& blobs,
                   plugins::BlobKeeper& keeper) {
  FormParts parts;
  PartsOfTenant sink(parts, token, blobs, keeper);
  parse(mail.bytes, mail.content_type, sink);
  return parts;
}

}  // namespace host::mail_in
