// Field values with parameters (Content-Disposition, Content-Type) and the names of uploaded files.
// Helper of multipart.cpp, apart so that it can be tested and fuzzed alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace host::http {

struct ParameterizedField {
  std::string value;
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case
  const std::string* find(std::string_view name) const;
};

// `value; name=token; name="quoted"`. nullopt: malformed, or a parameter is given twice. In quoted
// values a backslash escapes only '"' and '\' (browsers send it bare in paths); %22, %0D and %0A,
// which browsers write for the quote and line ends, are decoded.
std::optional<ParameterizedField> parse_parameters(std::string_view field);

// RFC 8187: UTF-8''percent-encoded. nullopt: another charset or malformed.
std::optional<std::string> decode_extended(std::string_view value);

// The last component of a path of any system, control bytes and invalid UTF-8 replaced by '_', at
// most 255 bytes; "file" when nothing usable is left.
std::string bare_file_name(std::string_view name);

}  // namespace host::http
