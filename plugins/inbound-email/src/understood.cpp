#include "understood.hpp"

#include "offer.hpp"
#include "other_plugins.hpp"
#include "provider.hpp"

namespace inbound {
namespace {

serai::Json by_rules(std::string why) { return {{"by", "rules"}, {"why", std::move(why)}}; }

serai::Json ask_provider(const serai::Call& call, const Mail& mail, const Offer& offer,
                         Enquiry& enquiry) {
  if (!call.services().available("ai.chat/1")) {
    return by_rules("No plugin of this tenant asks a provider.");
  }
  try {
    const auto answer = call.services().call("ai.chat/1", question_about(mail, offer));
    const auto opinion = believe(text_in(answer, "content"), mail, offer, enquiry);
    if (!opinion.fault.empty()) return by_rules(opinion.fault);
    return {{"by", "provider"},
            {"model", text_in(answer, "model")},
            {"fields", opinion.taken},
            {"refused", opinion.refused}};
  } catch (const serai::Problem& problem) {
    call.log().warning("The provider was of no help with a mail", {{"code", problem.code}});
    return by_rules(problem.detail);
  }
}

}  // namespace

Understood understand_mail(const serai::Call& call, const Mail& mail, bool may_ask) {
  const auto offer = offer_of(call);
  Understood understood{understand(mail, offer), {{"by", "rules"}}};
  if (may_ask && call.config().text("understanding") == "provider") {
    understood.how = ask_provider(call, mail, offer, understood.enquiry);
  }
  return understood;
}

}  // namespace inbound
