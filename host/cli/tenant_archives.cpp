// serai tenant export, import and fingerprint: of a running host through its admin API, of a
// stopped one on its data.
#include <array>
#include <fstream>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "cli/admin_client.hpp"
#include "cli/local_house.hpp"
#include "cli/profile_options.hpp"
#include "cli/secret_source.hpp"
#include "moves/archive_file.hpp"
#include "tenancy/import.hpp"

namespace host::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kPiece = 8UL << 20;

// The admin client of the host that is meant; nothing: none runs, and the data may be worked on.
std::optional<HttpClient> running_host(const AdminOptions& options) {
  if (!options.url.empty()) return admin_client(options);
  const auto profile = client_profile_or_fail(options.profile);
  const auto url = url_of_running_host(profile);
  if (url.empty()) return std::nullopt;
  try {
    // One that was killed has left its address behind.
    HttpClient(url).get("/health/live");
  } catch (const NoAnswer&) {
    return std::nullopt;
  }
  return admin_client(options);
}

// A file that is there under its name only when it is whole. Mode 0600.
class NewFile {
 public:
  explicit NewFile(std::filesystem::path path)
      : path_(std::move(path)), part_(path_.string() + "." + random_hex(4) + ".part") {
    if (std::filesystem::exists(path_))
      throw std::runtime_error(path_.string() + " is there already");
    file_ = Descriptor(::open(part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file_.get() < 0) fail();
  }
  ~NewFile() {
    std::error_code ignored;
    if (!kept_) std::filesystem::remove(part_, ignored);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::write(file_.get(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail();
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void keep() {
    if (::fsync(file_.get()) != 0) fail();
    std::filesystem::rename(part_, path_);
    kept_ = true;
  }

 private:
  [[noreturn]] void fail() const {
    throw std::runtime_error(part_.string() + ": " + std::generic_category().message(errno));
  }
  std::filesystem::path path_, part_;
  Descriptor file_{-1};
  bool kept_ = false;
};

// Looks for the end of the stream, as it goes by: a host that dies half-way must not leave a file
// that looks whole.
class Watched {
 public:
  Watched(const moves::StreamKey& key, NewFile& file)
      : reader_(key, [](auto&&, bool) {}), file_(file) {}
  void operator()(std::string_view bytes) {
    file_.write(bytes);
    reader_.feed(bytes);
  }
  void end() const { reader_.end(); }

 private:
  moves::SealedReader reader_;
  NewFile& file_;
};

void read_pieces(std::ifstream& in, const std::function<void(std::string_view)>& piece) {
  std::string buffer(kPiece, '\0');
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto count = static_cast<std::size_t>(in.gcount());
    if (count > 0) piece(std::string_view(buffer).substr(0, count));
  }
  if (in.bad()) throw std::runtime_error("the archive cannot be read");
}

struct Arrived {
  std::string id, suspended;  // why it is; "": it is not
};

Arrived import_running(const HttpClient& client, const std::string& as, const moves::StreamKey& key,
                       std::ifstream& in) {
  const HttpClient::Fields fields{{"X-Archive-Key", key.hex()}};
  const std::string base = "/api/v1/admin/imports";
  const std::string id = checked(client.transfer("POST", base + (as.empty() ? "" : "?as=" + as),
                                                 {.more = fields}))["data"]["import"];
  try {
    std::uint64_t offset = 0;
    read_pieces(in, [&](std::string_view piece) {
      checked(client.transfer("PUT", base + "/" + id + "?offset=" + std::to_string(offset),
                              {.body = piece}));
      offset += piece.size();
    });
    checked(client.transfer("POST", base + "/" + id + "/compare", {}));
    const Json tenant = checked(client.send("POST", base + "/" + id + "/finish",
                                            Json{{"from", "an archive"}}.dump()))["data"];
    return {tenant.at("tenant_id"), tenant.value("suspended_reason", "")};
  } catch (...) {
    try {
      client.transfer("DELETE", base + "/" + id, {});
    } catch (const std::exception&) {
      // Marked as incomplete there; the next import removes it.
    }
    throw;
  }
}

Arrived import_local(const ProfileOptions& profile, const std::string& as,
                     const moves::StreamKey& key, std::ifstream& in) {
  LocalHouse local(profile);
  auto& moves = *local.house.rooms().moves;
  const auto id = moves.begin_import(Rooms::operator_token(), as, key);
  try {
    std::uint64_t offset = 0;
    read_pieces(in, [&](std::string_view piece) {
      moves.feed_import(Rooms::operator_token(), id, offset, piece);
      offset += piece.size();
    });
    moves.end_copy(Rooms::operator_token(), id);
    const auto tenant = moves.finish_import(Rooms::operator_token(), id, "an archive");
    return {tenant.id, tenant.suspended_reason};
  } catch (...) {
    moves.abort_import(Rooms::operator_token(), id);
    throw;
  }
}

int import_folder(const TenantImportOptions& options) {
  LocalHouse local(options.host.profile);
  bool refused = false;
  for (const auto& result :
       tenancy::import_tenants(*local.house.rooms().tenants, Rooms::operator_token(),
                               options.source, options.dry_run)) {
    std::cout << result.tenant << ": " << tenancy::to_text(result.outcome)
              << (options.dry_run ? " (dry run)" : "") << '\n';
    for (const auto& reason : result.reasons) std::cout << "  " << reason << '\n';
    for (const auto& path : result.skipped_secrets)
      std::cout << "  left out, a secret: " << path << '\n';
    refused |= result.outcome == tenancy::Imported::Outcome::refused;
  }
  return refused ? 1 : 0;
}

}  // namespace

int tenant_export(const TenantExportOptions& options) {
  const auto archive = moves::new_archive(read_secret(options.passphrase));
  NewFile file(options.to);
  file.write(archive.header);
  Watched out(archive.key, file);
  if (const auto client = running_host(options.host)) {
    const auto answer =
        client->transfer("POST", "/api/v1/admin/tenants/" + options.tenant + "/export",
                         {.more = {{"X-Archive-Key", archive.key.hex()}}, .out = std::ref(out)});
    if (answer.status != 200) checked(answer);
  } else {
    LocalHouse local(options.host.profile);
    local.token_of(options.tenant);
    local.house.rooms().moves->export_tenant(Rooms::operator_token(), options.tenant, archive.key,
                                             std::ref(out));
  }
  out.end();
  file.keep();
  std::cout << options.tenant << " is in " << options.to.string()
            << "; sessions are not: people log in again\n";
  return 0;
}

int tenant_import(const TenantImportOptions& options) {
  if (std::filesystem::is_directory(options.source) || !std::filesystem::exists(options.source))
    return import_folder(options);
  if (options.dry_run) throw std::runtime_error("--dry-run is for a folder of YAML files");
  std::ifstream in(options.source, std::ios::binary);
  std::string header(moves::archive_header_size(), '\0');
  in.read(header.data(), static_cast<std::streamsize>(header.size()));
  header.resize(static_cast<std::size_t>(in.gcount()));
  if (!moves::is_archive(header))
    throw std::runtime_error(options.source.string() + " is no archive of a tenant");
  const auto key = moves::open_archive(header, read_secret(options.passphrase));
  const auto client = running_host(options.host);
  const auto tenant = client ? import_running(*client, options.as, key, in)
                             : import_local(options.host.profile, options.as, key, in);
  std::cout << tenant.id << " is imported, every row and file compared; "
            << (tenant.suspended.empty() ? "people log in again"
                                         : "suspended, as it was: " + tenant.suspended)
            << '\n';
  return 0;
}

int tenant_fingerprint(const AdminOptions& options, const std::string& tenant) {
  Json tables;
  if (const auto client = running_host(options)) {
    tables = checked(
        client->transfer("GET", "/api/v1/admin/tenants/" + tenant + "/fingerprint", {}))["data"];
  } else {
    LocalHouse local(options.profile);
    tables =
        moves::to_item(local.house.rooms().moves->fingerprint_of(Rooms::operator_token(), tenant));
  }
  for (const auto& [table, hash] : tables.items())
    std::cout << table << ' ' << hash[0].dump() << ' ' << hash[1].get<std::string>() << '\n';
  return 0;
}

}  // namespace host::cli
