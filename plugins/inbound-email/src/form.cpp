#include "form.hpp"

#include <algorithm>

#include "fingerprint.hpp"
#include "message/clean_text.hpp"

namespace inbound {
namespace {

constexpr std::uint64_t kLargestMessage = 30U << 20;  // bytes

struct Form {
  const serai::Call& call;
  const std::vector<FormPart>& parts;

  const FormPart* find(std::string_view name) const {
    const auto found = std::find_if(parts.begin(), parts.end(),
                                    [&](const FormPart& part) { return part.name == name; });
    return found == parts.end() ? nullptr : &*found;
  }
  std::string value(std::string_view name) const {
    const auto* part = find(name);
    if (part == nullptr) return {};
    return part->blob.empty() ? part->data
                              : call.blobs().open(part->blob).read_all(kLargestMessage);
  }
};

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve(bytes.size() / 3 * 4 + bytes.size() / 57 + 8);
  std::size_t column = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) {
      return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
    };
    const unsigned group = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    out += kLetters[group >> 18U & 63U];
    out += kLetters[group >> 12U & 63U];
    out += i + 1 < bytes.size() ? kLetters[group >> 6U & 63U] : '=';
    out += i + 2 < bytes.size() ? kLetters[group & 63U] : '=';
    if ((column += 4) >= 76) {
      out += "\r\n";
      column = 0;
    }
  }
  return out;
}

// The sender's headers without those that describe the body, which is made anew.
std::string headers_without_content(std::string_view headers) {
  std::string kept;
  bool dropping = false;
  while (!headers.empty()) {
    const auto end = std::min(headers.find('\n'), headers.size());
    auto line = headers.substr(0, end);
    headers.remove_prefix(std::min(end + 1, headers.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const bool folded = line.front() == ' ' || line.front() == '\t';
    if (!folded) {
      const auto name = clean_line(line.substr(0, 30), 30);
      dropping = line.find(':') == std::string_view::npos || name.starts_with("Content-") ||
                 name.starts_with("content-") || name.starts_with("CONTENT-") ||
                 name.starts_with("MIME-") || name.starts_with("Mime-");
    }
    if (!dropping) kept.append(line).append("\r\n");
  }
  return kept;
}

std::string charset_of(const serai::Json& charsets, const char* field) {
  const auto found = charsets.find(field);
  return found != charsets.end() && found->is_string() ? found->get<std::string>() : "utf-8";
}

void add_part(std::string& mime, const std::string& boundary, const std::string& headers,
              std::string_view content) {
  mime += "--" + boundary + "\r\n" + headers + "Content-Transfer-Encoding: base64\r\n\r\n" +
          base64(content) + "\r\n";
}

// A form without the sender's headers: those that its fields tell.
std::string headers_of_fields(const Form& form) {
  std::string headers;
  for (const auto& [field, name] :
       {std::pair{"from", "From"}, {"to", "To"}, {"cc", "Cc"}, {"subject", "Subject"}}) {
    constexpr std::size_t kLongest = 20'000;
    const auto value = clean_line(form.value(field), kLongest);
    if (!value.empty()) headers.append(name).append(": ").append(value).append("\r\n");
  }
  return headers;
}

std::string from_fields(const Form& form, const std::string& headers) {
  const auto charsets = serai::Json::parse(form.value("charsets"), nullptr, false);
  const serai::Json known = charsets.is_object() ? charsets : serai::Json::object();
  const auto text = form.value("text");
  const auto html = form.value("html");
  std::string mime = headers_without_content(headers);
  // What no sender can write into what it is made of; the same for a form that is posted again.
  const std::string boundary = "serai-" + fingerprint(mime + text + html);
  mime += "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n";
  if (!text.empty()) {
    add_part(mime, boundary, "Content-Type: text/plain; charset=utf-8\r\n",
             to_utf8(text, charset_of(known, "text").c_str()));
  }
  if (!html.empty()) {
    add_part(mime, boundary, "Content-Type: text/html; charset=utf-8\r\n",
             to_utf8(html, charset_of(known, "html").c_str()));
  }
  std::uint64_t all = mime.size();
  for (const auto& part : form.parts) {
    if (!part.name.starts_with("attachment") || part.blob.empty()) continue;
    all += part.size * 4 / 3;
    if (all > kLargestMessage) {
      throw serai::Problem(413, "message_too_large", "A mail may have 30 MiB at most.");
    }
    auto name = clean_line(part.file_name, 200);
    std::erase_if(name, [](char byte) { return byte == '"' || byte == '\\'; });
    auto type = clean_line(part.content_type, 100);
    if (type.find_first_of("\";") != std::string::npos || type.empty()) {
      type = "application/octet-stream";
    }
    add_part(mime, boundary,
             "Content-Type: " + type + "\r\nContent-Disposition: attachment; filename=\"" + name +
                 "\"\r\n",
             form.call.blobs().open(part.blob).read_all(kLargestMessage));
  }
  return mime + "--" + boundary + "--\r\n";
}

}  // namespace

std::string mime_of_form(const serai::Call& call, const std::vector<FormPart>& parts) {
  const Form form{call, parts};
  for (const auto* raw : {"email", "body-mime"}) {
    if (auto mime = form.value(raw); !mime.empty()) return mime;
  }
  if (const auto headers = form.value("headers"); !headers.empty()) {
    return from_fields(form, headers);
  }
  if (form.find("from") != nullptr) return from_fields(form, headers_of_fields(form));
  throw serai::invalid_field("/email",
                             "This form holds no mail: `email`, `body-mime`, `headers` or `from`.");
}

std::vector<FormPart> parts_of(const serai::Request& request) {
  std::vector<FormPart> parts;
  for (const auto& part : request.parts())
    parts.push_back({std::string(part.name), std::string(part.file_name),
                     std::string(part.content_type), std::string(part.data), std::string(part.blob),
                     part.size});
  return parts;
}

std::vector<FormPart> parts_of(const serai::Json& form) {
  std::vector<FormPart> parts;
  for (const auto& part : form) {
    const auto text = [&](const char* name) { return part.value(name, std::string()); };
    parts.push_back({text("name"), text("file_name"), text("content_type"), text("data"),
                     text("blob"), part.value("size", std::uint64_t{0})});
  }
  return parts;
}

}  // namespace inbound
