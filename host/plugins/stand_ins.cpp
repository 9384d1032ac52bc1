#include "plugins/stand_ins.hpp"

#include "plugins/inside.hpp"

namespace host::plugins {

void put_in_place(Registry& registry, StandIns stand_ins) {
  registry.inside().service_stand_in = std::move(stand_ins.service);
  registry.inside().outbound.stand_in = std::move(stand_ins.outside);
  registry.inside().outbound.mail_stand_in = std::move(stand_ins.mail);
  registry.inside().outbound.mailbox_stand_in = std::move(stand_ins.mailbox);
}

}  // namespace host::plugins
