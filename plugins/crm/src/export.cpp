// See export.hpp. The file is written page by page into a blob, which the host sends: however many
// clients there are, one page of them is in memory.
#include "export.hpp"

#include <chrono>

#include "client_rows.hpp"
#include "files.hpp"

namespace crm {
namespace {

constexpr std::int64_t kPage = 1000;
// Where files are fetched from the store itself by a link, it must be there as long as the link.
constexpr std::chrono::hours kKept{1};

serai::Rows page(const serai::Call& call, const std::string& created_at, const std::string& id) {
  return call.sql().query(std::string("SELECT ") + kClientColumns +
                              " FROM crm_clients AS c WHERE (c.created_at, c.id) > ($1, $2) "
                              "ORDER BY c.created_at, c.id LIMIT $3",
                          created_at, id, kPage);
}

}  // namespace

serai::Response export_clients(serai::Request& request) {
  auto file = request.blobs().create();
  file.write(export_head());
  std::string created_at, id;
  for (bool more = true; more;) {
    const auto rows = page(request, created_at, id);
    std::string text;
    for (const auto row : rows) {
      const Client client = read_client(row);
      text += export_line(client);
      created_at = client.created_at;
      id = client.id;
    }
    if (!text.empty()) file.write(text);
    more = rows.size() == static_cast<std::size_t>(kPage);
  }
  const std::string blob(file.commit());
  discard_later(request, blob, kKept);
  return serai::Response::from_blob(blob, "text/csv; charset=utf-8")
      .with_header("content-disposition", "attachment; filename=\"clients.csv\"")
      .with_header("x-content-type-options", "nosniff");
}

}  // namespace crm
