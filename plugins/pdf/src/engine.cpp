#include "engine.hpp"

#include <utility>

#include "fonts/font.hpp"
#include "fonts/font_map.hpp"
#include "fonts/type.hpp"
#include "layout.hpp"
#include "painter.hpp"

namespace pdf {

Engine::Engine() : book_(std::make_unique<FontBook>()) {
  keep_libraries();
  // Of this load, not of this engine: tests make several.
  static const bool registered = [] {
    register_font_type();
    register_font_map_type();
    return true;
  }();
  (void)registered;
}

Engine::~Engine() = default;

std::unique_ptr<Typesetter> Engine::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<Typesetter>(*book_);
  auto typesetter = std::move(idle_.back());
  idle_.pop_back();
  return typesetter;
}

void Engine::give_back(std::unique_ptr<Typesetter> typesetter) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(typesetter));
}

// A typesetter whose document failed is not used again.
std::string Engine::render(const Document& document, const Checkpoint& checkpoint) {
  auto typesetter = take();
  std::string bytes;
  {
    const auto pages = lay_out(document, *typesetter, checkpoint);
    bytes = paint(document, pages, checkpoint);
  }
  give_back(std::move(typesetter));
  return bytes;
}

}  // namespace pdf
