// The CRM: which handler of the manifest is which function.
#include <serai/plugin.hpp>

#include "activity.hpp"
#include "client_list.hpp"
#include "clients.hpp"
#include "duplicates.hpp"
#include "export.hpp"
#include "files.hpp"
#include "import.hpp"
#include "pipeline.hpp"
#include "quote_values.hpp"
#include "services.hpp"

namespace {

class Crm : public serai::Plugin {
 public:
  Crm() {
    route("list", crm::list_clients);
    route("create", crm::create_client);
    route("show", crm::show_client);
    route("change", crm::edit_client);
    route("remove", crm::remove_client);
    route("set_stage", crm::set_client_stage);
    route("merge", crm::merge_clients);
    route("duplicates", crm::list_duplicates);
    route("activities", crm::list_activities);
    route("add_activity", crm::add_activity);
    route("remove_activity", crm::remove_activity);
    route("history", crm::client_history);
    route("pipeline", crm::pipeline);
    route("stats", crm::stats);
    route("export_clients", crm::export_clients);
    route("import", crm::start_import);
    route("show_import", crm::show_import);
    job("import", crm::run_import);
    job("discard", crm::run_discard);
    service("ensure_client", crm::ensure_client_service);
    service("service_activity", crm::add_activity_service);
    service("service_stage", crm::set_stage_service);
    service("quoted", crm::quoted);
  }
};

}  // namespace

SERAI_PLUGIN(Crm)
