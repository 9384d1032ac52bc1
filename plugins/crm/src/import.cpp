// See import.hpp.
#include "import.hpp"

#include <chrono>
#include <unordered_map>

#include "client_rows.hpp"
#include "files.hpp"
#include "rows.hpp"
#include "store.hpp"
#include "text.hpp"
#include "writing.hpp"

namespace crm {
namespace {

constexpr std::size_t kFaultsTold = 50;
constexpr std::chrono::hours kPatience{24};  // then an import that did not run is given up
constexpr std::uint64_t kLargestFile = 32ULL << 20;

struct Counts {
  std::int64_t added = 0, changed = 0, unchanged = 0;
};

// Every fault of the file, the first ones in words.
class Faults {
 public:
  void add(std::vector<serai::FieldError>&& faults) {
    if (faults.empty()) return;
    ++rows_;
    for (auto& fault : faults) {
      if (told_.size() < kFaultsTold) told_.push_back(std::move(fault));
    }
  }
  void refuse_if_any() {
    if (rows_ == 0) return;
    throw serai::Problem(422, "invalid_rows",
                         std::to_string(rows_) + (rows_ == 1 ? " row" : " rows") +
                             " cannot be imported, so nothing was.",
                         std::move(told_));
  }

 private:
  std::int64_t rows_ = 0;
  std::vector<serai::FieldError> told_;
};

struct Checked {
  std::int64_t rows = 0;
  std::optional<Columns> columns;
};

Checked check_file(const serai::Request& request, const serai::Part& file) {
  if (file.blob.empty()) throw serai::invalid_field("/file", "This must be a file with a name.");
  if (file.size > kLargestFile)
    throw serai::Problem(413, "file_too_large", "A file may have 32 MiB at most.");
  Checked checked;
  Faults faults;
  std::unordered_map<std::string, std::int64_t> lines;  // by e-mail address
  checked.columns = read_rows(request, file.blob, [&](ReadRow& row) {
    if (static_cast<std::size_t>(++checked.rows) > kMostRows)
      throw serai::Problem(413, "too_many_rows", "A file may have 100,000 rows at most.");
    if (row.faults.empty()) {
      const auto [first, fresh] = lines.emplace(*row.draft.email, row.line);
      if (!fresh) {
        row.faults.push_back({"/line/" + std::to_string(row.line) + "/email",
                              "Line " + std::to_string(first->second) + " has this address too."});
      }
    }
    faults.add(std::move(row.faults));
  });
  if (!checked.columns) throw serai::invalid_field("/file", "The file is empty.");
  faults.refuse_if_any();
  return checked;
}

// For people; as the client sent it.
std::string file_name_of(const serai::Part& file) {
  const std::string name = tidy(file.file_name);
  return length(name) <= 200 ? name : "clients.csv";
}

bool wants_update(const serai::Request& request) {
  const auto part = request.find_part("update");
  return part && (part->data == "true" || part->data == "1");
}

// The clients that have these addresses, by address.
std::unordered_map<std::string, Client> known(const serai::Call& call,
                                              const std::vector<Draft>& drafts) {
  std::vector<serai::Value> emails;
  for (const Draft& draft : drafts) emails.emplace_back(*draft.email);
  const auto rows = call.sql().query_values(
      std::string("SELECT ") + kClientColumns +
          ", k.key FROM crm_keys AS k JOIN crm_clients AS c ON c.id = k.client WHERE k.key IN (" +
          placeholders(1, emails.size()) + ")",
      emails);
  std::unordered_map<std::string, Client> found;
  for (const auto row : rows) found.emplace(std::string(row.text("key")), read_client(row));
  return found;
}

void write(const serai::Call& call, std::vector<Draft>& drafts, bool update, Counts& counts) {
  if (drafts.empty()) return;
  auto there = known(call, drafts);
  std::vector<Draft> fresh;
  std::unordered_map<std::string, Change> changes;  // by client: two of its addresses may be there
  for (Draft& draft : drafts) {
    const auto found = there.find(*draft.email);
    if (found == there.end()) {
      if (!draft.source) draft.source = "import";
      fresh.push_back(std::move(draft));
      continue;
    }
    auto& change =
        changes.try_emplace(found->second.id, Change{found->second, found->second}).first->second;
    draft.email.reset();  // it may be one of several
    if (update) apply(draft, change.after);
  }
  std::vector<Client> made;
  if (!insert_clients(call, fresh, kImported, made))
    throw serai::Problem(503, "busy", "A client was added meanwhile; the import is tried again.");
  std::vector<Change> list;
  for (auto& item : changes) list.push_back(std::move(item.second));
  const auto changed = static_cast<std::int64_t>(change_clients(call, list, kImported));
  counts.added += static_cast<std::int64_t>(made.size());
  counts.changed += changed;
  counts.unchanged += static_cast<std::int64_t>(list.size()) - changed;
  drafts.clear();
}

}  // namespace

serai::Response start_import(serai::Request& request) {
  const serai::Part file = request.part("file");
  const Checked checked = check_file(request, file);
  const std::string id = request.clock().uuid();
  auto transaction = request.sql().transaction();
  request.blobs().keep(file.blob);
  const auto job = request.jobs().enqueue("import", {{"import_id", id}}, {.unique_key = id});
  discard_later(request, file.blob, kPatience, id);
  request.sql().execute(
      "INSERT INTO crm_imports (id, blob, job_id, file_name, update_existing, user_id, state, "
      "row_count, added, changed, unchanged, created_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, 0, 0, 0, $8)",
      id, file.blob, job, file_name_of(file), wants_update(request) ? 1 : 0, request.caller().user,
      checked.rows, request.clock().now_text());
  transaction.commit();
  return serai::accepted({{"id", id},
                          {"state", "queued"},
                          {"rows", checked.rows},
                          {"columns", checked.columns->used()},
                          {"ignored_columns", checked.columns->ignored()}});
}

serai::Json show_import(serai::Request& request) {
  const auto row = request.sql().query(
      "SELECT id, file_name, state, row_count, added, changed, unchanged, created_at, finished_at, "
      "job_id FROM crm_imports WHERE id = $1",
      request.path("id"));
  const auto import = row.required("The import");
  std::string state(import.text(2));
  if (state == "queued" && request.jobs().state(import.text(9)) == "dead") state = "failed";
  return serai::data(
      {{"id", import.text(0)},
       {"file_name", import.text(1)},
       {"state", state},
       {"rows", import.integer(3)},
       {"added", import.integer(4)},
       {"changed", import.integer(5)},
       {"unchanged", import.integer(6)},
       {"created_at", import.text(7)},
       {"finished_at", import.is_null(8) ? serai::Json() : serai::Json(import.text(8))}});
}

void run_import(serai::Job& job) {
  const auto id = job.field<std::string>("import_id");
  Writing writing(job);
  const auto rows = job.sql().query(
      "SELECT blob, update_existing FROM crm_imports WHERE id = $1 AND state = 'queued'", id);
  if (rows.empty()) return;  // a run before this one has done it
  const std::string blob(rows.front().text(0));
  const bool update = rows.front().boolean(1);
  Counts counts;
  std::vector<Draft> drafts;
  read_rows(job, blob, [&](ReadRow& row) {
    drafts.push_back(std::move(row.draft));
    if (drafts.size() == kTogether) write(job, drafts, update, counts);
  });
  write(job, drafts, update, counts);
  job.sql().execute(
      "UPDATE crm_imports SET state = 'done', added = $1, changed = $2, unchanged = $3, "
      "finished_at = $4 WHERE id = $5",
      counts.added, counts.changed, counts.unchanged, job.clock().now_text(), id);
  discard(job, blob);
  job.events().publish("crm.clients.imported", {{"import_id", id},
                                                {"added", counts.added},
                                                {"changed", counts.changed},
                                                {"unchanged", counts.unchanged}});
  writing.commit();
}

}  // namespace crm
