// A plan at the control plane: what is accepted is what the plugins' room relies on.
#include <algorithm>

#include "admin/plan_request.hpp"
#include "document/json.hpp"
#include "require.hpp"

namespace {

using namespace revenge;
using fuzz::require;

void check(const plugin::Intent& intent) {
  const bool swaps = intent.verb == plugin::Verb::kSwap;
  require(!intent.id.empty(), "a change names its plugin");
  require(swaps == intent.folder.is_absolute(), "a swap has an absolute folder, nothing else has one");
  require(!intent.folder.native().contains('\0'), "that the system takes as a whole");
  if (!intent.config) return;
  const auto config = document::parseJson(*intent.config, "config", {.maxBytes = std::size_t{1} << 24U});
  require(config.has_value() && config->object() != nullptr, "a configuration is an object");
  require(std::ranges::none_of(*intent.config, [](char c) { return c == '\t' || c == '\n'; }),
          "and stands in one field of the file of wishes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto plan = admin::parsePlan({reinterpret_cast<const char*>(data), size});
  if (!plan) {
    require(plan.error().code == base::Errc::kInvalid, "a plan is refused for what it says");
    require(!plan.error().message.empty(), "with a reason");
    return 0;
  }
  require(!plan->intents.empty() && plan->intents.size() <= 256, "a plan has changes, and not too many");
  for (const plugin::Intent& intent : plan->intents) check(intent);
  return 0;
}
