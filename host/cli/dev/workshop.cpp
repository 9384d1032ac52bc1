#include "cli/dev/workshop.hpp"

#include <stdexcept>
#include <thread>

#include <unistd.h>
#include <yaml-cpp/yaml.h>

namespace host::cli {
namespace {

namespace fs = std::filesystem;

std::string id_in(const fs::path& manifest) {
  try {
    const auto id = YAML::LoadFile(manifest.string())["id"];
    if (id && id.IsScalar()) return id.Scalar();
  } catch (const YAML::Exception& error) {
    throw std::runtime_error(manifest.string() + ": " + error.what());
  }
  throw std::runtime_error(manifest.string() + ": has no id; add \"id: name\"");
}

bool has_ninja() {
  const char* const folders = ::getenv("PATH");
  std::string path = folders != nullptr ? folders : "";
  for (path += ':'; !path.empty(); path.erase(0, path.find(':') + 1)) {
    if (::access((path.substr(0, path.find(':')) + "/ninja").c_str(), X_OK) == 0) return true;
  }
  return false;
}

// The shell puts the two commands of a first build in a row; the words come as its arguments, so
// that no path is ever read as shell.
constexpr const char* kConfigureAndBuild =
    R"(build=$1; target=$2; jobs=$3; shift 3
cmake "$@" && exec cmake --build "$build" --target "$target" --parallel "$jobs")";

}  // namespace

Workshop::Workshop(const fs::path& folder, const fs::path& build, fs::path sdk)
    : folder_(fs::canonical(folder)),
      build_(build.empty() ? folder_ / "build" : fs::weakly_canonical(fs::absolute(build))),
      sdk_(std::move(sdk)) {
  for (const char* name : {"CMakeLists.txt", "plugin.yaml"}) {
    if (!fs::exists(folder_ / name))
      throw std::runtime_error(folder_.string() + " is no plugin's folder: it has no " + name +
                               "; `serai plugin new NAME` writes one");
  }
  id_ = id_in(folder_ / "plugin.yaml");
}

std::unique_ptr<Child> Workshop::start_build() const {
  const std::string jobs = std::to_string(std::max(1U, std::thread::hardware_concurrency()));
  std::map<std::string, std::string> variables;
  if (::isatty(STDOUT_FILENO)) variables["CLICOLOR_FORCE"] = "1";
  if (fs::exists(build_ / "CMakeCache.txt")) {
    return std::make_unique<Child>(std::vector<std::string>{"cmake", "--build", build_.string(),
                                                            "--target", id_, "--parallel", jobs},
                                   variables);
  }
  std::vector<std::string> words{"sh", "-c", kConfigureAndBuild, "sh", build_.string(), id_,
                                 jobs, "-S", folder_.string(),   "-B", build_.string()};
  words.push_back("-DCMAKE_PREFIX_PATH=" + sdk_.string());
  words.push_back("-DSERAI_PLUGIN_PCH=ON");
  if (::getenv("CMAKE_BUILD_TYPE") == nullptr) words.push_back("-DCMAKE_BUILD_TYPE=Debug");
  if (::getenv("CMAKE_GENERATOR") == nullptr && has_ninja())
    words.insert(words.end(), {"-G", "Ninja"});
  if (::isatty(STDOUT_FILENO)) words.push_back("-DCMAKE_COLOR_DIAGNOSTICS=ON");
  return std::make_unique<Child>(words, variables);
}

}  // namespace host::cli
