#pragma once

#include <functional>

namespace pdf {

// Called now and then during long work; throws when the caller has no more time.
using Checkpoint = std::function<void()>;

}  // namespace pdf
