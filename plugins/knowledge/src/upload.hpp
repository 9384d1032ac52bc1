// A file coming in: what it is by its bytes, whether it is already here, and its row.
#pragma once

#include <serai/plugin.hpp>

namespace knowledge {

// POST /documents. 201 with the document; 409 when the caller can already see the same content.
serai::Response upload(serai::Request& request);

}  // namespace knowledge
