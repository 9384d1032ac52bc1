// The system's fonts, by fontconfig: for a family, weight and slant all faces, the most fitting
// first. One for all threads.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "face.hpp"

namespace pdf {

// Which font is wanted; families separated by commas.
struct Wish {
  std::string families;
  std::string language;
  bool bold = false, italic = false;

  // NOLINTNEXTLINE(modernize-use-nullptr): the 0 that <=> compares with is no pointer
  auto operator<=>(const Wish&) const = default;
};

using Faces = std::vector<std::shared_ptr<Face>>;  // most fitting first

class FontBook {
 public:
  // Never empty; serai::Problem 503 `no_fonts` on a machine without one.
  std::shared_ptr<const Faces> faces(const Wish& wish);

 private:
  void open();
  std::shared_ptr<const Faces> sort(const Wish& wish);

  std::mutex mutex_;
  FontConfig config_;
  std::map<std::pair<std::string, int>, std::shared_ptr<Face>> faces_;  // by file and number
  std::map<Wish, std::shared_ptr<const Faces>> sorted_;
};

}  // namespace pdf
