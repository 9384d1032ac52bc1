// The routes of single documents and their list, but for the upload.
#pragma once

#include <serai/plugin.hpp>

#include "search_index.hpp"

namespace knowledge {

class Documents {
 public:
  explicit Documents(SearchIndex& index) : index_(index) {}

  serai::Json list(serai::Request& request);
  serai::Json show(serai::Request& request);
  serai::Json change(serai::Request& request);
  serai::Json remove(serai::Request& request);
  serai::Response reindex(serai::Request& request);
  serai::Response download(serai::Request& request);
  serai::Json categories(serai::Request& request);
  // knowledge.topics/1
  serai::Json topics(serai::ServiceCall& call);

 private:
  SearchIndex& index_;
};

}  // namespace knowledge
