// Writing quotes. Every change goes through save(): the map of statuses, history, events.
#pragma once

#include <string>
#include <string_view>

#include <serai/plugin.hpp>

#include "content.hpp"
#include "quote.hpp"

namespace quotes {

// What is common to all writers.
std::string own_currency(const serai::Call& call);
Zone zone_of(const serai::Call& call);
// Today by the tenant's clock.
Day today(const serai::Call& call);

// A number nobody has: "QT-" (stays) or "QUO-" (items), the day, six hexadecimal digits.
std::string new_quote_id(const serai::Call& call, std::string_view prefix);

// In the caller's transaction: a new quote with its first version. `key`: what the request was
// known by; false, and nothing is written, if it was used before.
bool insert(const serai::Call& call, const Quote& quote, const Content& content,
            const std::string& key);
// The quote a key stands for.
std::optional<Quote> known(const serai::Call& call, const std::string& key);

// In the caller's transaction: the row as `after` says, history and event if the status changed.
// Problem 409 if the map does not allow that or the row is no longer as `before`.
void save(const serai::Call& call, const Quote& before, Quote& after, std::string_view cause);

// A new version, current from now on; `quote` follows it. Then save().
void add_version(const serai::Call& call, Quote& quote, const Content& content,
                 std::string_view cause);

// The paper of the present version, as it went out; empty: none yet.
std::string paper_of(const serai::Call& call, const Quote& quote);
void keep_paper(const serai::Call& call, const Quote& quote, const std::string& blob);

// The end of a change: makes kept totals old. What another plugin's transaction goes on to commit
// they may miss for a minute.
void commit(const serai::Call& call, serai::Transaction& transaction);

// What events tell of it.
serai::Json news_of(const Quote& quote);

}  // namespace quotes
