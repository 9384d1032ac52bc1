#include "document_reader.hpp"

#include <utility>

#include <serai/problem.hpp>

#include "base64.hpp"
#include "object_reader.hpp"
#include "picture.hpp"
#include "text_reader.hpp"

namespace pdf {
namespace {

using serai::invalid_field;
using serai::Json;

constexpr std::size_t kMaxBlocks = 5000;
constexpr std::size_t kMaxCells =
    20'000;  // of all tables: each costs some kilobytes while it is laid out
constexpr std::size_t kMaxPictures = 60;
constexpr double kPointsPerMillimetre = 72 / 25.4;

// Reads one document; what is counted is counted over all of it.
class Reader {
 public:
  explicit Reader(const BlobSource& blobs) : blobs_(blobs) {}

  Brand brand(const Json& json, Brand brand);
  std::vector<Block> content(const ObjectReader& document);

 private:
  Picture picture(const ObjectReader& from);
  Block block(const Json& json, const std::string& pointer);
  Paragraph paragraph(const ObjectReader& from);
  List list(const ObjectReader& from);
  Fields fields(const ObjectReader& from);
  Table table(const ObjectReader& from);
  Row row(const Json& json, const std::string& pointer, std::size_t columns);
  Totals totals(const ObjectReader& from);
  Figure figure(const ObjectReader& from);

  const BlobSource& blobs_;
  std::size_t cells_ = 0, pictures_ = 0;
};

Align read_align(const ObjectReader& from) {
  return static_cast<Align>(from.word("align", {"start", "center", "end"}));
}

// "data": base64, or "blob": a reference.
Picture Reader::picture(const ObjectReader& from) {
  if (from.has("data") == from.has("blob"))
    from.fault("data", "A picture needs either `data` (base64) or `blob` (a reference).");
  if (++pictures_ > kMaxPictures) from.fault("data", "A document has at most 60 pictures.");
  if (from.has("blob"))
    return read_picture(blobs_(from.required_text("blob", 200)), from.pointer("blob"));
  const Json& data = from.at("data");
  auto bytes = data.is_string() ? decode_base64(data.get_ref<const std::string&>()) : std::nullopt;
  if (!bytes) from.fault("data", "This must be base64.");
  return read_picture(*std::move(bytes), from.pointer("data"));
}

void read_member(const ObjectReader& from, const char* name, std::size_t most, std::string& into) {
  if (from.has(name)) into = from.text(name, most);
}

void read_member(const ObjectReader& from, const char* name, Color& into) {
  if (from.has(name)) into = read_color(from.text(name), from.pointer(name));
}

Brand Reader::brand(const Json& json, Brand brand) {
  const ObjectReader from(json, "/brand",
                          {"name", "logo", "address", "colors", "font", "page", "footer", "terms"});
  read_member(from, "name", 200, brand.name);
  read_member(from, "font", 200, brand.font);
  read_member(from, "footer", 500, brand.footer);
  read_member(from, "terms", 20'000, brand.terms);
  if (from.has("page")) brand.page = from.word("page", {"A4", "Letter"}) == 0 ? kA4 : kLetter;
  if (from.has("logo")) brand.logo = {picture({from.at("logo"), "/brand/logo", {"data", "blob"}})};
  if (from.has("address")) {
    brand.address.clear();
    const Json& lines = from.array("address", 12);
    for (std::size_t i = 0; i < lines.size(); ++i)
      brand.address.push_back(clean_text(lines[i], "/brand/address/" + std::to_string(i), 200));
  }
  if (from.has("colors")) {
    const ObjectReader colors(from.at("colors"), "/brand/colors", {"primary", "text", "muted"});
    read_member(colors, "primary", brand.primary);
    read_member(colors, "text", brand.text);
    read_member(colors, "muted", brand.muted);
  }
  return brand;
}

std::vector<Block> Reader::content(const ObjectReader& document) {
  const Json& blocks = document.array("content", kMaxBlocks);
  std::vector<Block> content;
  content.reserve(blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i)
    content.push_back(block(blocks[i], "/content/" + std::to_string(i)));
  return content;
}

Block Reader::block(const Json& json, const std::string& pointer) {
  if (!json.is_object() || !json.contains("type") || !json["type"].is_string())
    throw invalid_field(pointer + "/type", "A block is an object with a `type`.");
  const auto& type = json["type"].get_ref<const std::string&>();
  if (type == "heading") {
    const ObjectReader from(json, pointer, {"type", "text", "level"});
    return Heading{from.integer("level", 1, 3, 1),
                   read_text(from.at("text"), from.pointer("text"))};
  }
  if (type == "paragraph")
    return paragraph({json, pointer, {"type", "text", "align", "muted", "strong", "small"}});
  if (type == "list") return list({json, pointer, {"type", "items", "ordered"}});
  if (type == "fields") return fields({json, pointer, {"type", "items", "columns"}});
  if (type == "table") return table({json, pointer, {"type", "columns", "rows"}});
  if (type == "totals") return totals({json, pointer, {"type", "lines"}});
  if (type == "image")
    return figure(
        {json, pointer, {"type", "data", "blob", "width_mm", "height_mm", "align", "alt"}});
  if (type == "space") {
    const ObjectReader from(json, pointer, {"type", "height_mm"});
    return Space{from.number("height_mm", 0, 200, 4) * kPointsPerMillimetre};
  }
  if (type == "rule" || type == "page_break") {
    (void)ObjectReader(json, pointer, {"type"});
    return type == "rule" ? Block(Rule{}) : Block(PageBreak{});
  }
  throw invalid_field(
      pointer + "/type",
      "This must be one of: heading, paragraph, list, fields, table, totals, image, "
      "rule, space, page_break.");
}

Paragraph Reader::paragraph(const ObjectReader& from) {
  return {read_text(from.at("text"), from.pointer("text")), read_align(from), from.flag("muted"),
          from.flag("strong"), from.flag("small")};
}

List Reader::list(const ObjectReader& from) {
  List list;
  list.ordered = from.flag("ordered");
  const Json& items = from.array("items", 1000);
  for (std::size_t i = 0; i < items.size(); ++i)
    list.items.push_back(read_text(items[i], from.pointer("items") + "/" + std::to_string(i)));
  return list;
}

Fields Reader::fields(const ObjectReader& from) {
  Fields fields;
  fields.columns = from.integer("columns", 1, 3, 2);
  const Json& items = from.array("items", 200);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const ObjectReader item(items[i], from.pointer("items") + "/" + std::to_string(i),
                            {"label", "value"});
    fields.items.push_back(
        {item.required_text("label", 200), read_text(item.at("value"), item.pointer("value"))});
  }
  return fields;
}

Table Reader::table(const ObjectReader& from) {
  Table table;
  const Json& columns = from.array("columns", 12);
  if (columns.empty()) from.fault("columns", "A table has at least one column.");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const ObjectReader column(columns[i], from.pointer("columns") + "/" + std::to_string(i),
                              {"title", "align", "width"});
    table.columns.push_back({read_text(column.at("title"), column.pointer("title")),
                             read_align(column), column.number("width", 0, 100, 0)});
  }
  const Json& rows = from.array("rows", kMaxCells);
  cells_ += rows.size() * columns.size();
  if (cells_ > kMaxCells) from.fault("rows", "The tables of a document have at most 20000 cells.");
  table.rows.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    table.rows.push_back(
        row(rows[i], from.pointer("rows") + "/" + std::to_string(i), columns.size()));
  return table;
}

// An array of texts, or an object with it as `cells`.
Row Reader::row(const Json& json, const std::string& pointer, std::size_t columns) {
  Row row;
  std::string where = pointer;
  const Json* cells = &json;
  if (json.is_object()) {
    const ObjectReader from(json, pointer, {"cells", "strong"});
    row.strong = from.flag("strong");
    cells = &from.at("cells");
    where += "/cells";
  }
  if (!cells->is_array() || cells->size() != columns)
    throw invalid_field(where, "A row has as many cells as there are columns.");
  for (std::size_t i = 0; i < columns; ++i)
    row.cells.push_back(read_text((*cells)[i], where + "/" + std::to_string(i)));
  return row;
}

Totals Reader::totals(const ObjectReader& from) {
  Totals totals;
  const Json& lines = from.array("lines", 40);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const ObjectReader line(lines[i], from.pointer("lines") + "/" + std::to_string(i),
                            {"label", "value", "strong"});
    totals.lines.push_back({read_text(line.at("label"), line.pointer("label")),
                            read_text(line.at("value"), line.pointer("value")),
                            line.flag("strong")});
  }
  return totals;
}

Figure Reader::figure(const ObjectReader& from) {
  Figure figure;
  figure.picture = picture(from);
  figure.width = from.number("width_mm", 0, 500, 0) * kPointsPerMillimetre;
  figure.height = from.number("height_mm", 0, 500, 0) * kPointsPerMillimetre;
  figure.align = read_align(from);
  figure.alt = from.text("alt", 500);
  return figure;
}

bool is_digits(const std::string& text, std::size_t at, std::size_t count) {
  for (std::size_t i = at; i < at + count; ++i)
    if (i >= text.size() || text[i] < '0' || text[i] > '9') return false;
  return true;
}

// "2026-11-22" or "2026-11-22T08:30:00Z": what Cairo reads, and nothing else.
std::string read_date(const ObjectReader& from) {
  auto date = from.required_text("date", 40);
  const bool day = is_digits(date, 0, 4) && is_digits(date, 5, 2) && is_digits(date, 8, 2) &&
                   date[4] == '-' && date[7] == '-';
  const auto number = [&](std::size_t at) { return (date[at] - '0') * 10 + (date[at + 1] - '0'); };
  const bool time = date.size() == 20 && date[10] == 'T' && is_digits(date, 11, 2) &&
                    is_digits(date, 14, 2) && is_digits(date, 17, 2) && date[13] == ':' &&
                    date[16] == ':' && date[19] == 'Z';
  const bool exists = day && number(5) >= 1 && number(5) <= 12 && number(8) >= 1 &&
                      number(8) <= 31 &&
                      (!time || (number(11) < 24 && number(14) < 60 && number(17) < 60));
  if (!exists || !(date.size() == 10 || time))
    from.fault("date", "This must be a day (2026-11-22) or a time in UTC (2026-11-22T08:30:00Z).");
  return time ? date : date + "T00:00:00Z";
}

std::string read_language(const ObjectReader& from) {
  auto language = from.required_text("language", 35);
  for (std::size_t i = 0; i < language.size(); ++i) {
    const char c = language[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool later = i >= 2 && ((c >= '0' && c <= '9') || (c == '-' && language[i - 1] != '-'));
    if (!letter && !later)
      from.fault("language", "This must be a language tag of BCP 47, such as en or pt-BR.");
  }
  return language;
}

bool is_right_to_left(const std::string& language) {
  const std::string primary = language.substr(0, language.find('-'));
  for (const char* one : {"ar", "he", "fa", "ur", "yi", "ps", "sd", "ug", "dv", "ckb"})
    if (primary == one) return true;
  return false;
}

}  // namespace

Color read_color(const std::string& text, const std::string& pointer) {
  const bool shaped = text.size() == 7 && text[0] == '#' &&
                      text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
  if (!shaped) throw invalid_field(pointer, "A color is written #RRGGBB.");
  const auto part = [&](std::size_t at) {
    return std::stoi(text.substr(at, 2), nullptr, 16) / 255.0;
  };
  return {part(1), part(3), part(5)};
}

Document read_document(const Json& json, const Brand& defaults, const BlobSource& blobs) {
  const ObjectReader from(
      json, "",
      {"title", "author", "subject", "language", "date", "page_label", "brand", "content"});
  Reader reader(blobs);
  Document document;
  document.title = from.required_text("title", 500);
  document.author = from.text("author", 500);
  document.subject = from.text("subject", 500);
  document.language = read_language(from);
  document.right_to_left = is_right_to_left(document.language);
  document.date = read_date(from);
  read_member(from, "page_label", 200, document.page_label);
  document.brand = from.has("brand") ? reader.brand(from.at("brand"), defaults) : defaults;
  if (document.author.empty()) document.author = document.brand.name;
  document.content = reader.content(from);
  return document;
}

}  // namespace pdf
