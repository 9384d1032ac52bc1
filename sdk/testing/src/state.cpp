// Making and ending a plugin in the fake host, and the questions its interfaces ask of it.
#include "state.hpp"

#include <cstdio>
#include <stdexcept>

#include <dlfcn.h>

#include "manifest_faults.hpp"

namespace serai::testing {
namespace {

std::vector<BundledFile> files_of(const serai_entry& entry) {
  if (entry.abi_epoch != SERAI_ABI_EPOCH) {
    throw std::invalid_argument("The plugin was built for another epoch of the ABI.");
  }
  return parse_bundle({entry.manifest.data, entry.manifest.size});
}

}  // namespace

FakeHost::Impl::Impl(const serai_entry& plugin_entry, void* opened)
    : manifest(files_of(plugin_entry).front().content), entry(&plugin_entry), library(opened) {
  const auto files = files_of(plugin_entry);
  std::string all;
  for (const FieldError& fault : migration_faults(manifest.json(), files))
    all += "\n  " + fault.pointer + ": " + fault.detail;
  if (!all.empty()) throw std::invalid_argument("The plugin's bundle has faults:" + all);
  for (const BundledFile& file : files)
    if (file.path.ends_with(".up.sql")) migrations.push_back(file);
  host = host_table();
  host.reserved = this;
}

FakeHost::Impl::~Impl() {
  if (plugin != nullptr) {
    const ActiveHost active(this);
    plugin->stop(plugin->self);
    plugin->destroy(plugin->self);
  }
  if (library != nullptr) dlclose(library);
}

TenantState& FakeHost::Impl::tenant_state(const std::string& id) {
  std::unique_ptr<TenantState>& state = tenants[id];
  if (!state) {
    auto fresh = std::make_unique<TenantState>();
    fresh->id = id;
    fresh->database = std::make_unique<Database>(manifest.table_prefix());
    for (const BundledFile& migration : migrations) {
      fresh->database->migrate(migration.path, migration.content);
    }
    state = std::move(fresh);
  }
  return *state;
}

bool FakeHost::Impl::grants(std::string_view interface) const {
  return manifest.wants_interface(interface) && !withheld.contains(interface);
}

Json FakeHost::Impl::setting_value(TenantState& state, std::string_view name) const {
  const auto own = state.settings.find(name);
  if (own != state.settings.end()) return own->second;
  const Json* setting = manifest.setting(name);
  return setting == nullptr ? Json() : setting->value("default", Json());
}

std::int32_t FakeHost::Impl::handler(std::uint32_t kind, const std::string& name) const {
  const std::int32_t number = plugin->resolve(plugin->self, kind, detail::to_str(name));
  if (number < 0) {
    throw std::invalid_argument("plugin.yaml names the handler `" + name +
                                "`, which the plugin's code does not have.");
  }
  return number;
}

HttpAnswer FakeHost::Impl::answer_http(const HttpRequest& request) {
  if (!next_answers.empty()) {
    HttpAnswer answer = std::move(next_answers.front());
    next_answers.pop_front();
    return answer;
  }
  const std::function<HttpAnswer(const HttpRequest&)>* best = nullptr;
  for (const auto& [prefix, responder] : responders) {
    // In the order of the map a longer prefix of the same URL comes later.
    if (request.url.starts_with(prefix)) best = &responder;
  }
  if (best != nullptr) return (*best)(request);
  return {.status = 0,
          .body = "The test has no answer for " + request.method + " " + request.url +
                  ": use next_http() or on_http().",
          .headers = {},
          .failure = SERAI_E_UNAVAILABLE};
}

// A UUIDv7 of the fake clock and a counter: unique, ascending and the same in every run.
std::string FakeHost::Impl::new_id() {
  const auto milliseconds = static_cast<unsigned long long>(clock_us / 1000);
  const unsigned long long number = ++counter;
  char text[96];
  (void)std::snprintf(text, sizeof(text), "%08llx-%04llx-7%03llx-8%03llx-%012llx",
                      milliseconds >> 16, milliseconds & 0xFFFF, (number >> 36) & 0xFFF,
                      (number >> 24) & 0xFFF, number & 0xFFFFFFFFFFFF);
  return {text, 36};
}

}  // namespace serai::testing
