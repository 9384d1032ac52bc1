#include "bundle.hpp"

#include <charconv>
#include <stdexcept>

namespace serai::testing {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument("The plugin's bundle " + what + ".");
}

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) refuse("ends in the middle of a line");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::vector<BundledFile> parse_bundle(std::string_view bundle) {
  std::string_view rest = bundle;
  if (take_line(rest) != "serai-bundle 1") refuse("does not begin with `serai-bundle 1`");
  std::vector<BundledFile> files;
  for (std::string_view line = take_line(rest); line != "end"; line = take_line(rest)) {
    const std::size_t space = line.rfind(' ');
    if (!line.starts_with("file ") || space < 5) refuse("has a line that is not `file`");
    std::size_t size = 0;
    const std::string_view digits = line.substr(space + 1);
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (error != std::errc{} || stop != digits.data() + digits.size()) {
      refuse("has a file without a size");
    }
    if (rest.size() < size + 1 || rest[size] != '\n') refuse("is shorter than its sizes say");
    files.push_back({std::string(line.substr(5, space - 5)), std::string(rest.substr(0, size))});
    rest.remove_prefix(size + 1);
  }
  if (!rest.empty()) refuse("goes on after `end`");
  if (files.empty() || files.front().path != "plugin.yaml") {
    refuse("does not begin with plugin.yaml");
  }
  return files;
}

}  // namespace serai::testing
