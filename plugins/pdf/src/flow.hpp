// Fills pages from top to bottom. Offsets are counted from the side where reading starts, so that
// right-to-left documents are mirrored here and nowhere else.
#pragma once

#include <vector>

#include "checkpoint.hpp"
#include "document.hpp"
#include "page.hpp"
#include "typesetter.hpp"

namespace pdf {

inline constexpr std::size_t kMaxPages = 500;

class Flow {
 public:
  Flow(const Document& document, Typesetter& typesetter, const Checkpoint& checkpoint);

  const Document& document;
  Typesetter& typesetter;
  double y;  // where the next thing begins

  double width() const { return right_ - left_; }
  double room() const { return bottom_ - y; }           // height that is left on this page
  double whole_room() const { return bottom_ - top_; }  // of an empty page
  bool at_top() const { return y <= top_; }
  const Style& normal() const { return normal_; }

  void new_page();           // serai::Problem 422 beyond kMaxPages
  void need(double height);  // a new page, unless there is that much room
  void gap(double height);   // nothing at the top of a page

  // At an offset from the start side; `down`: from y.
  void text(const Lines& lines, double offset, double column, const char* tag, double down = 0);
  void text(const Lines& lines, std::size_t first, std::size_t count, double offset, double column,
            const char* tag, double down);
  void box(double offset, double width, double height, const Color& color, double down = 0);
  void picture(const Picture& picture, double offset, double width, double height,
               const std::string* alt);
  void begin(const char* tag) { pages_.back().push_back(BeginElement{tag}); }
  void end() { pages_.back().push_back(EndElement{}); }

  // A text as tall as it likes, over as many pages as it needs; y is below it then.
  void running_text(const Lines& lines, double offset, double column, const char* tag);

  std::vector<Page> take_pages() { return std::move(pages_); }
  void check() const { checkpoint_(); }

 private:
  double x(double offset, double width) const;

  const Checkpoint& checkpoint_;
  Style normal_;
  double left_, right_, top_, bottom_;
  std::vector<Page> pages_;
};

}  // namespace pdf
