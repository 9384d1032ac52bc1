// `serai plugin new NAME`: copies the SDK's template, with the name filled in.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "cli/commands.hpp"
#include "cli/profile_options.hpp"

namespace host::cli {
namespace {

namespace fs = std::filesystem;

bool valid_name(const std::string& name) {
  return name.size() >= 2 && name.size() <= 40 && name[0] >= 'a' && name[0] <= 'z' &&
         name.back() != '-' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

// trip-notes -> TripNotes
std::string class_name(const std::string& name) {
  std::string out;
  bool upper = true;
  for (const char c : name) {
    if (c == '-') {
      upper = true;
      continue;
    }
    out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return out;
}

// trip-notes -> Trip notes
std::string title(std::string name) {
  std::replace(name.begin(), name.end(), '-', ' ');
  if (name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

std::string filled(std::string text, const std::string& name) {
  std::string table = name;
  std::replace(table.begin(), table.end(), '-', '_');
  for (const auto& [mark, value] : {std::pair<std::string, std::string>{"@NAME@", name},
                                    {"@CLASS@", class_name(name)},
                                    {"@TABLE@", table},
                                    {"@TITLE@", title(name)}}) {
    for (auto at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + value.size())) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

fs::path template_directory(const PluginNewOptions& options) {
  if (!options.template_directory.empty()) return options.template_directory;
  const auto installed = executable_directory() / "../share/serai/template/files";
  if (fs::is_directory(installed)) return fs::canonical(installed);
  throw std::runtime_error("the plugin template is not installed; name it with --template");
}

}  // namespace

int plugin_new(const PluginNewOptions& options) {
  if (!valid_name(options.name)) {
    throw std::runtime_error(
        "a plugin's name is 2 to 40 lower-case letters, digits and '-', beginning with a letter");
  }
  const fs::path source = template_directory(options);
  const fs::path target = options.directory / options.name;
  if (fs::exists(target))
    throw std::runtime_error(target.string() + " exists already; nothing was written");
  for (const auto& entry : fs::recursive_directory_iterator(source)) {
    const fs::path relative = fs::relative(entry.path(), source);
    if (!entry.is_regular_file()) continue;
    const fs::path file = target / filled(relative.string(), options.name);
    fs::create_directories(file.parent_path());
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    std::ofstream out(file, std::ios::binary);
    out << filled(text, options.name);
    if (!in || !out.flush()) throw std::runtime_error(file.string() + " could not be written");
  }
  std::cout << "Wrote " << target.string() << ". Run it, and again whenever a file is saved:\n"
            << "  serai plugin dev " << target.string() << "\n"
            << "Build and test it:\n"
            << "  cmake -S " << target.string() << " -B " << target.string() << "/build\n"
            << "  cmake --build " << target.string() << "/build && ctest --test-dir "
            << target.string() << "/build\n";
  return 0;
}

}  // namespace host::cli
