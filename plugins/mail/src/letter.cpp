// From the document of mail.send/1 to a letter; see the header.
#include "letter.hpp"

#include <algorithm>
#include <array>

#include "base64.hpp"
#include "templates.hpp"
#include "transport.hpp"

namespace mail {
namespace {

using serai::Json;
using serai::Problem;

constexpr std::size_t kMaxAttachments = 50, kMaxAttached = 25 << 20, kMaxReferences = 50;

// A member of the document as text; Problem 422 for another type.
std::string text_of(const Json& object, const char* name, const std::string& where = "") {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  if (!found->is_string())
    throw serai::invalid_field(where + "/" + name, "This field must be a text.");
  return found->get<std::string>();
}

// "a@b.example", or {"email": ..., "name": ...}.
Address address_of(const Json& value, const std::string& pointer) {
  if (value.is_string()) return {checked_email(value.get<std::string>(), pointer), ""};
  if (!value.is_object())
    throw serai::invalid_field(pointer, "This must be an address, or {email, name}.");
  return {checked_email(text_of(value, "email", pointer), pointer + "/email"),
          checked_header(text_of(value, "name", pointer), pointer + "/name")};
}

// "<id@host>" of what came with or without its brackets.
std::string message_id_of(std::string_view text, const std::string& pointer) {
  if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
  const auto allowed = [](unsigned char c) {
    return c > 0x20 && c < 0x7f && c != '<' && c != '>' && c != ',';
  };
  if (text.empty() || text.size() > 500 || !std::all_of(text.begin(), text.end(), allowed))
    throw serai::invalid_field(pointer, "This is not a Message-ID such as <id@example.com>.");
  return "<" + std::string(text) + ">";
}

std::string decoded(const std::string& text, const std::string& pointer) {
  auto bytes = from_base64(text);
  if (!bytes) throw serai::invalid_field(pointer, "This is not base64.");
  return std::move(*bytes);
}

std::string type_of(std::string text, const std::string& pointer) {
  if (text.empty()) return "application/octet-stream";
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("/+.-_").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (text.size() > 100 || std::count(text.begin(), text.end(), '/') != 1 ||
      text.starts_with('/') || text.ends_with('/') ||
      !std::all_of(text.begin(), text.end(), allowed) || text.starts_with("multipart/") ||
      text.starts_with("message/"))
    throw serai::invalid_field(pointer, "This is not a content type such as application/pdf.");
  return text;
}

Attachment attachment_of(const serai::Call& call, const Json& item, const std::string& pointer,
                         std::size_t& total) {
  if (!item.is_object()) throw serai::invalid_field(pointer, "An attachment is an object.");
  Attachment attachment;
  attachment.name = checked_header(text_of(item, "name", pointer), pointer + "/name");
  if (attachment.name.empty() || attachment.name.size() > 250)
    throw serai::invalid_field(pointer + "/name", "An attachment has a name of 1 to 250 bytes.");
  attachment.type = type_of(text_of(item, "type", pointer), pointer + "/type");
  if (const auto id = text_of(item, "content_id", pointer); !id.empty()) {
    const auto bracketed = message_id_of(id, pointer + "/content_id");
    attachment.content_id = bracketed.substr(1, bracketed.size() - 2);
  }
  const auto blob = text_of(item, "blob", pointer);
  const auto content = text_of(item, "content", pointer);
  if (blob.empty() == content.empty())
    throw serai::invalid_field(pointer, "An attachment has either `blob` or `content` (base64).");
  if (content.empty()) {
    total += call.blobs().open(blob).size();
    call.blobs().keep(blob);
    attachment.blob = blob;
  } else {
    const auto bytes = decoded(content, pointer + "/content");
    total += bytes.size();
    if (total <= kMaxAttached) attachment.blob = call.blobs().put(bytes);
  }
  if (total > kMaxAttached)
    throw Problem(413, "too_large", "The attachments are larger than 25 MiB together.");
  return attachment;
}

template <class Read>
void each(const Json& document, const char* name, std::size_t most, Read&& read) {
  const auto found = document.find(name);
  if (found == document.end() || found->is_null()) return;
  const std::string pointer = std::string("/") + name;
  if (!found->is_array() || found->size() > most)
    throw serai::invalid_field(
        pointer, "This must be a list of at most " + std::to_string(most) + " entries.");
  for (std::size_t i = 0; i < found->size(); ++i)
    read((*found)[i], pointer + "/" + std::to_string(i));
}

Address sender(const serai::Call& call) {
  if (const auto what = missing(call); !what.empty())
    throw Problem(503, "mail_not_configured", "Mail is not set up: " + what + " is needed.");
  return {checked_email(call.config().text("from_email"), "/from_email"),
          checked_header(call.config().text("from_name"), "/from_name")};
}

}  // namespace

Letter write_letter(const serai::Call& call, const Json& document) {
  if (!document.is_object()) throw serai::invalid_field("", "The document must be an object.");
  Letter letter;
  letter.from = sender(call);
  if (!document.contains("to")) throw serai::invalid_field("/to", "This field is required.");
  letter.to = address_of(document["to"], "/to");
  if (document.contains("reply_to") && !document["reply_to"].is_null())
    letter.reply_to = address_of(document["reply_to"], "/reply_to");
  else if (const auto address = call.config().text("reply_to"); !address.empty())
    letter.reply_to = {checked_email(address, "/reply_to"), ""};
  if (const auto id = text_of(document, "in_reply_to"); !id.empty())
    letter.in_reply_to = message_id_of(id, "/in_reply_to");
  each(document, "references", kMaxReferences, [&](const Json& id, const std::string& pointer) {
    if (!id.is_string()) throw serai::invalid_field(pointer, "This must be a text.");
    letter.references.push_back(message_id_of(id.get<std::string>(), pointer));
  });
  each(document, "categories", 10, [&](const Json& word, const std::string& pointer) {
    if (!word.is_string() || word.get_ref<const std::string&>().size() > 255)
      throw serai::invalid_field(pointer, "A category is a text of at most 255 bytes.");
    letter.categories.push_back(checked_header(word.get<std::string>(), pointer));
  });
  render(call, document, letter);
  letter.subject = checked_header(letter.subject, "/subject");
  if (letter.sendgrid_template.empty() && letter.subject.empty())
    throw serai::invalid_field("/subject", "This field is required.");
  for (const auto& [text, name] :
       {std::pair(&letter.text, "/text"), std::pair(&letter.html, "/html")})
    if (!is_utf8(*text)) throw serai::invalid_field(name, "This is not UTF-8.");
  std::size_t total = 0;
  each(document, "attachments", kMaxAttachments, [&](const Json& item, const std::string& pointer) {
    letter.attachments.push_back(attachment_of(call, item, pointer, total));
  });
  return letter;
}

Json to_json(const Letter& letter) {
  const auto address = [](const Address& a) { return Json{{"email", a.email}, {"name", a.name}}; };
  Json attachments = Json::array();
  for (const auto& one : letter.attachments)
    attachments.push_back({{"name", one.name},
                           {"type", one.type},
                           {"blob", one.blob},
                           {"content_id", one.content_id}});
  return {{"to", address(letter.to)},
          {"from", address(letter.from)},
          {"reply_to", address(letter.reply_to)},
          {"subject", letter.subject},
          {"text", letter.text},
          {"html", letter.html},
          {"in_reply_to", letter.in_reply_to},
          {"references", letter.references},
          {"attachments", attachments},
          {"categories", letter.categories},
          {"sendgrid_template", letter.sendgrid_template},
          {"data", letter.data}};
}

Letter letter_of(const Json& json) {
  const auto address = [&](const char* name) {
    return Address{json.at(name).at("email"), json.at(name).at("name")};
  };
  Letter letter;
  letter.to = address("to");
  letter.from = address("from");
  letter.reply_to = address("reply_to");
  letter.subject = json.at("subject");
  letter.text = json.at("text");
  letter.html = json.at("html");
  letter.in_reply_to = json.at("in_reply_to");
  letter.references = json.at("references");
  for (const auto& one : json.at("attachments"))
    letter.attachments.push_back(
        {one.at("name"), one.at("type"), one.at("blob"), one.at("content_id")});
  letter.categories = json.at("categories");
  letter.sendgrid_template = json.at("sendgrid_template");
  letter.data = json.at("data");
  return letter;
}

}  // namespace mail
