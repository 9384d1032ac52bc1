// What is older than the setting `retention` goes, with its marks.
#pragma once

#include <serai/plugin.hpp>

namespace notifications {

void remove_old(serai::Job& job);

}  // namespace notifications
