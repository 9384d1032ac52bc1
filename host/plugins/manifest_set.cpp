// What shows only when plugins stand side by side: clashes, missing services, cycles.
#include <algorithm>
#include <functional>
#include <map>

#include "plugins/manifest.hpp"
#include "plugins/manifest_rules.hpp"

namespace host::plugins {
namespace {

using detail::path_inside;

std::string quote(const std::string& text) { return '"' + text + '"'; }

std::map<std::string, std::size_t> providers_of(const std::vector<const Manifest*>& manifests) {
  std::map<std::string, std::size_t> providers;
  for (std::size_t i = 0; i < manifests.size(); ++i)
    for (const auto& service : manifests[i]->provides) providers.emplace(service.name, i);
  return providers;
}

void check_names(const std::vector<const Manifest*>& manifests, std::vector<SetFault>& faults) {
  for (std::size_t i = 0; i < manifests.size(); ++i) {
    const Manifest& mine = *manifests[i];
    for (std::size_t j = 0; j < i; ++j) {
      const Manifest& other = *manifests[j];
      if (mine.id == other.id) {
        faults.push_back({mine.id, mine.id + ": plugin.yaml: id: two files claim " +
                                       quote(mine.id) + "; remove one of them."});
        continue;
      }
      if (mine.table_prefix().starts_with(other.table_prefix()) ||
          other.table_prefix().starts_with(mine.table_prefix()))
        faults.push_back({mine.id, mine.id +
                                       ": plugin.yaml: id: its tables would begin like those of " +
                                       quote(other.id) + "; rename one of the plugins."});
      for (std::size_t m = 0; m < mine.mounts.size(); ++m)
        for (const auto& mount : other.mounts)
          if (path_inside(mine.mounts[m], mount) || path_inside(mount, mine.mounts[m]))
            faults.push_back({mine.id, mine.id + ": plugin.yaml: mounts[" + std::to_string(m) +
                                           "]: " + quote(mine.mounts[m]) + " clashes with " +
                                           quote(mount) + " of plugin " + quote(other.id) +
                                           "; change one of them."});
      for (std::size_t s = 0; s < mine.provides.size(); ++s)
        for (const auto& service : other.provides)
          if (service.name == mine.provides[s].name)
            faults.push_back({mine.id, mine.id + ": plugin.yaml: services.provides[" +
                                           std::to_string(s) + "].name: " + quote(service.name) +
                                           " is already provided by plugin " + quote(other.id) +
                                           "; enable only one of them."});
    }
  }
}

class CycleFinder {
 public:
  CycleFinder(const std::vector<const Manifest*>& manifests,
              const std::map<std::string, std::size_t>& providers)
      : manifests_(manifests), providers_(providers), state_(manifests.size(), State::fresh) {}

  // Plugin indices in dependency order; calls `on_cycle` with the indices of each cycle found.
  std::vector<std::size_t> run(
      const std::function<void(const std::vector<std::size_t>&)>& on_cycle) {
    for (std::size_t i = 0; i < manifests_.size(); ++i) visit(i, on_cycle);
    return order_;
  }

 private:
  enum class State : std::uint8_t { fresh, open, done };

  void visit(std::size_t index,
             const std::function<void(const std::vector<std::size_t>&)>& on_cycle) {
    if (state_[index] == State::done) return;
    if (state_[index] == State::open) {
      on_cycle({std::find(path_.begin(), path_.end(), index), path_.end()});
      return;
    }
    state_[index] = State::open;
    path_.push_back(index);
    for (const auto& service : manifests_[index]->required_services)
      if (const auto found = providers_.find(service); found != providers_.end())
        visit(found->second, on_cycle);
    path_.pop_back();
    state_[index] = State::done;
    order_.push_back(index);
  }

  const std::vector<const Manifest*>& manifests_;
  const std::map<std::string, std::size_t>& providers_;
  std::vector<State> state_;
  std::vector<std::size_t> path_, order_;
};

}  // namespace

std::vector<SetFault> check_set(const std::vector<const Manifest*>& manifests,
                                const std::function<bool(std::string_view)>& otherwise) {
  std::vector<SetFault> faults;
  check_names(manifests, faults);
  const auto providers = providers_of(manifests);
  for (const Manifest* manifest : manifests)
    for (std::size_t i = 0; i < manifest->required_services.size(); ++i)
      if (const auto& service = manifest->required_services[i];
          !providers.contains(service) && !(otherwise && otherwise(service)))
        faults.push_back(
            {manifest->id, manifest->id + ": plugin.yaml: services.requires[" + std::to_string(i) +
                               "]: no loaded plugin provides " + quote(service) +
                               "; enable one that does or make the service optional."});
  CycleFinder(manifests, providers).run([&](const std::vector<std::size_t>& cycle) {
    std::string names;
    for (const auto index : cycle) names += manifests[index]->id + " -> ";
    names += manifests[cycle.front()]->id;
    for (const auto index : cycle)
      faults.push_back({manifests[index]->id,
                        manifests[index]->id +
                            ": plugin.yaml: services.requires: a cycle of required services (" +
                            names + "); make one of them optional."});
  });
  return faults;
}

std::vector<std::size_t> load_order(const std::vector<const Manifest*>& manifests) {
  const auto providers = providers_of(manifests);
  return CycleFinder(manifests, providers).run([](const auto&) {});
}

}  // namespace host::plugins
