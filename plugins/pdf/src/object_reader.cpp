#include "object_reader.hpp"

#include <algorithm>
#include <cmath>

#include <serai/problem.hpp>

namespace pdf {

using serai::invalid_field;
using serai::Json;

std::string clean_text(const Json& value, const std::string& pointer, std::size_t most) {
  if (!value.is_string()) throw invalid_field(pointer, "This must be a text.");
  const auto& given = value.get_ref<const std::string&>();
  if (given.size() > most)
    throw invalid_field(pointer, "This text is longer than " + std::to_string(most) + " bytes.");
  std::string text;
  text.reserve(given.size());
  for (const char c : given) {
    if (c == '\r') continue;
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
      throw invalid_field(pointer, "This text has a control character.");
    text += c == '\t' ? ' ' : c;
  }
  return text;
}

ObjectReader::ObjectReader(const Json& object, std::string pointer,
                           std::initializer_list<std::string_view> known)
    : object_(object), pointer_(std::move(pointer)) {
  if (!object.is_object()) throw invalid_field(pointer_, "This must be an object.");
  for (const auto& [name, value] : object.items())
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string names;
      for (const auto word : known) names.append(names.empty() ? "" : ", ").append(word);
      throw invalid_field(pointer_ + "/" + name,
                          "There is no such member here, only: " + names + ".");
    }
}

bool ObjectReader::has(std::string_view name) const {
  const auto found = object_.find(name);
  return found != object_.end() && !found->is_null();
}

const Json& ObjectReader::at(std::string_view name) const {
  if (!has(name)) fault(name, "This is missing.");
  return *object_.find(name);
}

std::string ObjectReader::pointer(std::string_view name) const {
  return pointer_ + "/" + std::string(name);
}

void ObjectReader::fault(std::string_view name, const std::string& sentence) const {
  throw invalid_field(pointer(name), sentence);
}

std::string ObjectReader::text(std::string_view name, std::size_t most) const {
  return has(name) ? clean_text(at(name), pointer(name), most) : std::string();
}

std::string ObjectReader::required_text(std::string_view name, std::size_t most) const {
  auto value = clean_text(at(name), pointer(name), most);
  if (value.empty()) fault(name, "This must not be empty.");
  return value;
}

double ObjectReader::number(std::string_view name, double least, double most,
                            double otherwise) const {
  if (!has(name)) return otherwise;
  const Json& value = at(name);
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  if (!(number >= least && number <= most))
    fault(name,
          "This must be a number from " + Json(least).dump() + " to " + Json(most).dump() + ".");
  return number;
}

int ObjectReader::integer(std::string_view name, int least, int most, int otherwise) const {
  const double value = number(name, least, most, otherwise);
  if (value != std::floor(value)) fault(name, "This must be a whole number.");
  return static_cast<int>(value);
}

bool ObjectReader::flag(std::string_view name) const {
  if (!has(name)) return false;
  if (!at(name).is_boolean()) fault(name, "This must be true or false.");
  return at(name).get<bool>();
}

std::size_t ObjectReader::word(std::string_view name,
                               std::initializer_list<std::string_view> words) const {
  if (!has(name)) return 0;
  const Json& value = at(name);
  std::string all;
  for (auto known = words.begin(); known != words.end(); ++known) {
    if (value.is_string() && value.get_ref<const std::string&>() == *known)
      return static_cast<std::size_t>(known - words.begin());
    all.append(all.empty() ? "" : ", ").append(*known);
  }
  fault(name, "This must be one of: " + all + ".");
}

const Json& ObjectReader::array(std::string_view name, std::size_t most) const {
  const Json& value = at(name);
  if (!value.is_array()) fault(name, "This must be an array.");
  if (value.size() > most) fault(name, "This has more than " + std::to_string(most) + " entries.");
  return value;
}

}  // namespace pdf
