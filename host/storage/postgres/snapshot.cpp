#include "storage/postgres/snapshot.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "base/problem.hpp"

namespace host::storage::postgres {
namespace {

// A page of rows is quick; whoever copies much asks for many pages.
constexpr const char* kStatementTime = "120000";
constexpr std::chrono::seconds kToEnd{30};

constexpr std::string_view kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr std::string_view kArm = "SELECT pg_catalog.set_config('statement_timeout', $1, true)";
// No row: there is no such tenant, and none is set.
constexpr std::string_view kEnter =
    "SELECT pg_catalog.set_config('serai.tenant_id', id, true) "
    "FROM serai_platform.serai_tenant_list WHERE id = $1";

class Snapshot final : public Session {
 public:
  Snapshot(Access& access, std::string tenant, Deadline deadline)
      : access_(access),
        tenant_(std::move(tenant)),
        deadline_(deadline),
        lease_(access.pool.take(Pool::Use::read, deadline)) {
    const Value time[] = {std::string_view(kStatementTime)};
    const Value id[] = {std::string_view(tenant_)};
    const Parameters time_values(time), id_values(id);
    std::vector<Message> messages{{kBegin, nullptr, {}}, {kArm, &time_values, kArm}};
    if (!tenant_.empty()) messages.push_back({kEnter, &id_values, kEnter});
    const Outcome outcome = lease_->run(messages, {deadline_, 0, false, false});
    if (outcome.failure) give_up(*outcome.failure);
    if (!tenant_.empty() && outcome.rows.back() == 0) {
      end();
      throw Problem(404, "unknown_tenant", "There is no such tenant.");
    }
  }
  ~Snapshot() override { end(); }

  using Session::execute;
  using Session::query;
  Rows query(std::string_view sql, std::span<const Value> values, std::size_t max_rows) override {
    const auto statement = access_.statements.get(sql);
    if (!statement->reads_only) refuse();
    const Parameters parameters(values);
    const std::string key = '\1' + parameters.signature() + '\1' + statement->sql;
    const Message message{statement->sql, &parameters, key};
    Outcome outcome =
        lease_->run(std::span(&message, 1), {deadline_, max_rows, !tenant_.empty(), false});
    if (outcome.failure) fail(*outcome.failure);
    if (outcome.too_large || outcome.data->rows > max_rows)
      throw Problem(413, "result_too_large", "The result is larger than what can be given.");
    return Rows(std::move(outcome.data));
  }
  std::int64_t execute(std::string_view, std::span<const Value>) override { refuse(); }
  void begin() override { refuse(); }
  void commit() override { refuse(); }
  void rollback() noexcept override {}
  bool in_transaction() const override { return false; }
  void only_read() override {}  // as ever
  // Only the host reads here.
  void confine(std::string_view) override { refuse(); }
  std::string_view tenant() const override { return tenant_; }
  void set_deadline(Deadline deadline) override { deadline_ = deadline; }

 private:
  [[noreturn]] static void refuse() { throw std::logic_error("a snapshot is for reading only"); }
  [[noreturn]] void give_up(const Failure& failure) {
    end();
    fail(failure);
  }
  void end() noexcept {
    try {
      const Message message{"ROLLBACK", nullptr, {}};
      if (lease_->in_transaction())
        lease_->run(std::span(&message, 1),
                    {std::chrono::steady_clock::now() + kToEnd, 0, false, false});
    } catch (...) {
      lease_->retire();
    }
  }

  Access& access_;
  const std::string tenant_;
  Deadline deadline_;
  Pool::Lease lease_;
};

}  // namespace

std::unique_ptr<Session> make_snapshot(Access& access, const std::string& tenant,
                                       Deadline deadline) {
  return std::make_unique<Snapshot>(access, tenant, deadline);
}

std::vector<TableShape> table_shapes(Session& session) {
  std::map<std::string, TableShape> tables;
  const Rows columns = session.query(
      "SELECT c.relname AS table_name, a.attname AS column_name FROM pg_catalog.pg_class AS c "
      "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
      "JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid "
      "WHERE n.nspname = 'serai_tenants' AND c.relkind = 'r' AND a.attnum > 0 AND NOT "
      "a.attisdropped AND a.attgenerated = ''");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto& table = tables[columns.text(i, "table_name")];
    table.name = columns.text(i, "table_name");
    if (auto name = columns.text(i, "column_name"); name != "tenant_id")
      table.columns.push_back(std::move(name));
  }
  const Rows keys = session.query(
      "SELECT c.relname AS table_name, a.attname AS column_name, "
      "pg_catalog.format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, NULL) "
      "AS type FROM pg_catalog.pg_index AS x "
      "JOIN pg_catalog.pg_class AS c ON c.oid = x.indrelid "
      "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
      "JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (x.indkey) "
      "JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid "
      "WHERE n.nspname = 'serai_tenants' AND x.indisprimary "
      "ORDER BY c.relname, pg_catalog.array_position(CAST(x.indkey AS int2[]), a.attnum)");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto& table = tables[keys.text(i, "table_name")];
    if (auto name = keys.text(i, "column_name"); name != "tenant_id")
      table.key.push_back(std::move(name));
    const auto type = keys.text(i, "type");
    if (type != "text" && type != "bigint" && type != "boolean") table.simple_key = false;
  }
  const Rows references = session.query(
      "SELECT DISTINCT c.relname AS table_name, f.relname AS other FROM pg_catalog.pg_constraint "
      "AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid "
      "JOIN pg_catalog.pg_class AS f ON f.oid = k.confrelid "
      "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
      "WHERE n.nspname = 'serai_tenants' AND k.contype = 'f' ORDER BY 1, 2");
  for (std::size_t i = 0; i < references.size(); ++i)
    tables[references.text(i, "table_name")].refers_to.push_back(references.text(i, "other"));
  std::vector<TableShape> all;
  for (auto& [name, table] : tables) {
    std::sort(table.columns.begin(), table.columns.end());
    all.push_back(std::move(table));
  }
  return in_order_of_reference(std::move(all));
}

}  // namespace host::storage::postgres
