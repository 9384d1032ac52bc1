// Rendering and keeping templates; see the header.
#include "templates.hpp"

#include <algorithm>
#include <optional>

#include <kainjow/mustache.hpp>

namespace mail {
namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;
using serai::Json;
using serai::Problem;

constexpr std::size_t kMaxSource = 200'000, kMaxResult = 2 << 20, kMaxList = 200;
constexpr int kMaxDepth = 3;

// Around the html of each mail. `body` has been rendered and escaped before.
constexpr const char* kFrame = R"(<!DOCTYPE html>
<html{{#language}} lang="{{language}}"{{/language}}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="margin:0;background:#f4f4f4;font-family:Arial,Helvetica,sans-serif;color:#222">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="max-width:600px;background:#fff">
<tr><td style="background:{{color}};color:#fff;padding:16px 24px;font-size:18px">
{{#logo}}<img src="{{logo}}" alt="{{name}}" height="40" style="border:0">{{/logo}}{{^logo}}{{name}}{{/logo}}
</td></tr>
<tr><td style="padding:24px;font-size:15px;line-height:1.5">{{{body}}}</td></tr>
<tr><td style="padding:16px 24px;font-size:12px;color:#777">{{name}}{{#footer}}<br>{{footer}}{{/footer}}</td></tr>
</table></td></tr></table></body></html>
)";

// Sections that stand in each other over long lists would take for ever; three levels of 200 do
// not.
void check_source(const std::string& source, const std::string& pointer) {
  int depth = 0, deepest = 0;
  for (std::size_t at = source.find("{{"); at != std::string::npos;
       at = source.find("{{", at + 2)) {
    auto first = source.find_first_not_of(" \t\r\n", at + 2);
    if (first == std::string::npos) break;
    const char sign = source[first];
    if (sign == '=' || sign == '>')
      throw serai::invalid_field(pointer, "A template has no partials and no other delimiters.");
    if (sign == '#' || sign == '^') deepest = std::max(deepest, ++depth);
    if (sign == '/') --depth;
  }
  if (source.size() > kMaxSource || deepest > kMaxDepth)
    throw serai::invalid_field(
        pointer, "A template has at most 200,000 bytes and three sections inside of each other.");
}

data to_data(const Json& value, const std::string& pointer, int depth = 0) {
  if (depth > 8) throw serai::invalid_field(pointer, "The data is nested too deeply.");
  if (value.is_object()) {
    data object{data::type::object};
    for (const auto& [name, member] : value.items())
      object.set(name, to_data(member, pointer, depth + 1));
    return object;
  }
  if (value.is_array()) {
    if (value.size() > kMaxList)
      throw serai::invalid_field(pointer, "A list in the data has at most 200 entries.");
    data list{data::type::list};
    for (const auto& member : value) list << to_data(member, pointer, depth + 1);
    return list;
  }
  if (value.is_boolean())
    return data{value.get<bool>() ? data::type::bool_true : data::type::bool_false};
  if (value.is_null()) return data{data::type::bool_false};
  return data{value.is_string() ? value.get<std::string>() : value.dump()};
}

struct Source {
  std::string subject, text, html;
};

std::string member(const Json& object, const char* name, const std::string& where) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  if (!found->is_string())
    throw serai::invalid_field(where + "/" + name, "This field must be a text.");
  return found->get<std::string>();
}

std::optional<Source> own_template(const serai::Call& call, const std::string& name) {
  const auto rows = call.sql().query(
      "SELECT subject, text_body, html_body FROM mail_templates WHERE name = $1", name);
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  return Source{std::string(row.text("subject")), std::string(row.text("text_body")),
                std::string(row.text("html_body"))};
}

std::string framed(const serai::Call& call, const std::string& body, const std::string& language) {
  if (body.empty() || body.find("<html") != std::string::npos) return body;
  const auto config = call.config();
  auto name = config.text("brand_name");
  if (name.empty()) name = config.text("from_name");
  auto color = config.text("brand_color");
  const auto is_color = [](const std::string& text) {
    return (text.size() == 4 || text.size() == 7) && text[0] == '#' &&
           std::all_of(text.begin() + 1, text.end(),
                       [](unsigned char c) { return std::isxdigit(c) != 0; });
  };
  if (!is_color(color)) color = "#1f4e79";
  auto logo = config.text("brand_logo_url");
  if (!logo.starts_with("https://")) logo.clear();
  mustache frame{std::string(kFrame)};
  data values;
  values.set("color", color);
  values.set("name", name);
  values.set("body", body);
  values.set("language", language.empty() ? data{data::type::bool_false} : data{language});
  values.set("footer", config.text("brand_footer").empty() ? data{data::type::bool_false}
                                                           : data{config.text("brand_footer")});
  values.set("logo", logo.empty() ? data{data::type::bool_false} : data{logo});
  return frame.render(values);
}

std::string unescaped(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
      {"&amp;", "&"},  {"&lt;", "<"},  {"&gt;", ">"},   {"&quot;", "\""},
      {"&#34;", "\""}, {"&#39;", "'"}, {"&#x27;", "'"}, {"&nbsp;", " "}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto rest = text.substr(i);
    const auto entity = std::find_if(std::begin(kEntities), std::end(kEntities),
                                     [&](const auto& one) { return rest.starts_with(one.first); });
    out += entity == std::end(kEntities) ? rest.substr(0, 1) : entity->second;
    i += entity == std::end(kEntities) ? 1 : entity->first.size();
  }
  return out;
}

bool begins_line(std::string_view tag) {
  static constexpr std::string_view kBlocks[] = {"br",    "p",  "div", "tr", "li", "ul", "ol",
                                                 "table", "h1", "h2",  "h3", "h4", "h5", "h6"};
  tag.remove_prefix(tag.starts_with("</") ? 2 : 1);
  const auto name = tag.substr(0, tag.find_first_of(" \t\r\n/>"));
  return std::find(std::begin(kBlocks), std::end(kBlocks), name) != std::end(kBlocks);
}

// Of <a href="https://...">; empty for other links: a reader of plain text can follow none of them.
std::string target_of(std::string_view tag) {
  constexpr std::string_view kTarget = "href=\"";
  const auto begin = tag.find(kTarget);
  if (begin == std::string_view::npos) return {};
  const auto rest = tag.substr(begin + kTarget.size());
  auto target = unescaped(rest.substr(0, rest.find('"')));
  return target.starts_with("https://") || target.starts_with("http://") ? target : "";
}

std::string checked_name(std::string_view name) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '_' || c == '-';
  };
  if (name.empty() || name.size() > 100 || !std::all_of(name.begin(), name.end(), allowed))
    throw serai::invalid_field("/name", "A template's name is made of letters, digits and . _ -");
  return std::string(name);
}

}  // namespace

std::string render_text(const std::string& source, const Json& values, Escape escape,
                        const std::string& pointer) {
  check_source(source, pointer);
  mustache rendered{source};
  if (!rendered.is_valid())
    throw serai::invalid_field(pointer, "The template is malformed: " + rendered.error_message());
  if (escape == Escape::none)
    rendered.set_custom_escape([](const std::string& text) { return text; });
  std::string result;
  rendered.render(to_data(values, "/data"), [&](const std::string& piece) {
    result += piece;
    if (result.size() > kMaxResult)
      throw serai::invalid_field(pointer, "The mail is larger than 2 MiB.");
  });
  return result;
}

void render(const serai::Call& call, const Json& document, Letter& letter) {
  if (const auto found = document.find("data"); found != document.end() && !found->is_null()) {
    if (!found->is_object()) throw serai::invalid_field("/data", "The data must be an object.");
    letter.data = *found;
  }
  letter.sendgrid_template =
      checked_header(member(document, "sendgrid_template", ""), "/sendgrid_template");
  if (!letter.sendgrid_template.empty()) {
    if (call.config().text("transport") == "smtp")
      throw serai::invalid_field("/sendgrid_template", "Only SendGrid has these templates.");
    letter.subject = member(document, "subject", "");
    return;
  }
  Source source{member(document, "subject", ""), member(document, "text", ""),
                member(document, "html", "")};
  const auto chosen = document.find("template");
  std::string language;
  const bool templated = chosen != document.end() && !chosen->is_null();
  if (templated) {
    const bool named = chosen->is_string();
    if (!named && !chosen->is_object())
      throw serai::invalid_field("/template", "This is a name, or {name, subject, text, html}.");
    const auto name =
        checked_name(named ? chosen->get<std::string>() : member(*chosen, "name", "/template"));
    if (!named) language = member(*chosen, "language", "/template");
    std::optional<Source> own;
    if (!language.empty()) own = own_template(call, checked_name(name + "." + language));
    if (!own) own = own_template(call, name);
    if (own) {
      source = std::move(*own);
    } else if (named) {
      throw serai::not_found("The template " + name);
    } else {
      source = {member(*chosen, "subject", "/template"), member(*chosen, "text", "/template"),
                member(*chosen, "html", "/template")};
    }
    source.subject = render_text(source.subject, letter.data, Escape::none, "/template/subject");
    source.text = render_text(source.text, letter.data, Escape::none, "/template/text");
    source.html = render_text(source.html, letter.data, Escape::html, "/template/html");
  }
  if (source.text.size() > kMaxResult || source.html.size() > kMaxResult)
    throw Problem(413, "too_large", "The mail's text is larger than 2 MiB.");
  if (source.text.empty() && source.html.empty())
    throw serai::invalid_field("/text", "A mail has `text`, `html` or a `template`.");
  letter.subject = std::move(source.subject);
  letter.text = source.text.empty() ? words_of(source.html) : std::move(source.text);
  letter.html = framed(call, source.html, language);
}

std::string words_of(const std::string& html) {
  const std::string_view all = html;
  const auto after = [&](std::string_view what, std::size_t from) {
    const auto at = all.find(what, from);
    return at == std::string_view::npos ? all.size() : at + what.size();
  };
  std::string out, link;  // where the words from `link_at` on lead
  std::size_t link_at = 0;
  for (std::size_t i = 0; i < all.size();) {
    const auto rest = all.substr(i);
    if (rest.starts_with("<style")) {
      i = after("</style>", i);
    } else if (rest.starts_with("<script")) {
      i = after("</script>", i);
    } else if (rest.starts_with('<')) {
      const auto tag = all.substr(i, after(">", i) - i);
      if (begins_line(tag) && !out.empty() && !out.ends_with('\n')) out += '\n';
      if (tag.starts_with("<a ")) {
        link = target_of(tag);
        link_at = out.size();
      } else if (tag.starts_with("</a") && !link.empty()) {
        if (out.substr(std::min(link_at, out.size())) != link) out += " (" + link + ")";
        link.clear();
      }
      i += tag.size();
    } else {
      const auto words = rest.substr(0, rest.find('<'));
      out += unescaped(words);
      i += words.size();
    }
  }
  const auto first = out.find_first_not_of(" \n\r\t");
  return first == std::string::npos ? "" : out.substr(first);
}

Json list_templates(serai::Request& request) {
  return serai::list(request.sql()
                         .query("SELECT name, subject, updated_at FROM mail_templates "
                                "ORDER BY name LIMIT 500")
                         .json());
}

Json get_template(serai::Request& request) {
  const auto rows = request.sql().query(
      "SELECT name, subject, text_body AS text, html_body AS html, updated_at FROM mail_templates "
      "WHERE name = $1",
      request.path("name"));
  return serai::data(rows.required("The template").json());
}

Json put_template(serai::Request& request) {
  const auto name = checked_name(request.path("name"));
  const auto subject = request.field<std::string>("subject");
  const auto text = request.field<std::string>("text"), html = request.field<std::string>("html");
  const Json nothing = Json::object();
  (void)render_text(subject, nothing, Escape::none, "/subject");
  (void)render_text(text, nothing, Escape::none, "/text");
  (void)render_text(html, nothing, Escape::html, "/html");
  request.sql().execute(
      "INSERT INTO mail_templates (name, subject, text_body, html_body, updated_at) "
      "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO UPDATE SET subject = excluded.subject, "
      "text_body = excluded.text_body, html_body = excluded.html_body, "
      "updated_at = excluded.updated_at",
      name, subject, text, html, request.clock().now_text());
  return serai::data(Json{{"name", name}, {"subject", subject}, {"text", text}, {"html", html}});
}

void delete_template(serai::Request& request) {
  if (request.sql().execute("DELETE FROM mail_templates WHERE name = $1", request.path("name")) ==
      0)
    throw serai::not_found("The template");
}

}  // namespace mail
