// GET /status: how many documents there are, how far indexing is, and what searches compare by.
#pragma once

#include <serai/plugin.hpp>

#include "search_index.hpp"

namespace knowledge {

serai::Json status(serai::Request& request, SearchIndex& index);

}  // namespace knowledge
