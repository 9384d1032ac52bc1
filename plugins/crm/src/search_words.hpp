// The words a client is found by. Neither full text nor trigrams exist on both of the host's
// engines, so the words stand in a table of their own: a search is a range of an index on either.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client.hpp"

namespace crm {

// Of name, client_id, e-mail addresses and phone number, whose every ending of four digits or more
// is one: so any digits of a number find it.
std::set<std::string> search_words(const Client& client, const std::vector<std::string>& emails);

// What somebody typed, as beginnings of such words, all of which must be there; at most eight.
std::vector<std::string> query_words(std::string_view query);

// The end of the range of words that begin with `word`.
std::string behind(const std::string& word);

}  // namespace crm
