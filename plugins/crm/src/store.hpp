// Writing clients: rows, the names they are found by, the words they are searched by, history,
// activities of stages and events, together and in as many statements for one as for hundreds.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <serai/plugin.hpp>

#include "client.hpp"
#include "draft.hpp"

namespace crm {

// At most so many clients in one call of the functions below.
inline constexpr std::size_t kTogether = 300;

// Why clients change: stands in their history. An import tells of itself in one event.
inline constexpr std::string_view kCreated = "created", kEdited = "changed", kMerged = "merged",
                                  kImported = "imported", kOfQuote = "quoted";

// New clients, each draft whole and settled; false, and nothing is written, if an address is taken.
bool insert_clients(const serai::Call& call, const std::vector<Draft>& drafts,
                    std::string_view cause, std::vector<Client>& made);

struct Change {
  Client before, after;
};
// In the caller's transaction. Writes those that differ, fills in what the change brings with it
// (updated_at ...), and tells how many they are. An e-mail address is changed by change_email().
std::size_t change_clients(const serai::Call& call, std::vector<Change>& changes,
                           std::string_view cause);
// The same for one; the client as it is now.
Client change_client(const serai::Call& call, const Client& before, const Client& after,
                     std::string_view cause);

// The address leads to the client from now on, its former one no more; Problem 409 if it is another
// client's.
void change_email(const serai::Call& call, const Client& client, const std::string& email);

// The client with the draft's e-mail address, made if there is none: true then.
std::pair<Client, bool> ensure_client(const serai::Call& call, const Draft& draft);

// The words again, after e-mail addresses came or went.
void index_words(const serai::Call& call, const std::vector<Client>& clients);

// One entry of a client's history into a batch, and the batch into its table.
void write_history(const serai::Call& call, serai::Batch& rows, const Client& client,
                   std::string_view cause, const serai::Json& changes);
void insert_history(const serai::Call& call, const serai::Batch& rows);

}  // namespace crm
