// A flags file: what is refused has its reasons, and what is accepted can be evaluated for anybody.
#include <string>

#include "flags/evaluate.hpp"
#include "flags/read.hpp"
#include "require.hpp"

namespace {

using namespace revenge;
using fuzz::require;

void checkOutcome(const flags::Flag& flag, const flags::Outcome& outcome) {
  if (outcome.variant != nullptr) {
    const auto index = outcome.variant - flag.variants.data();
    require(index >= 0 && static_cast<std::size_t>(index) < flag.variants.size(),
            "a variant is the flag's own");
    require(outcome.fault == flags::Fault::kNone, "with a variant nothing is wrong");
  }
  require(outcome.rule < static_cast<std::int32_t>(flag.rules.size()), "a rule is one of the flag's");
  require(outcome.fault != flags::Fault::kFlagNotFound, "it is known");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto read = flags::readDefinitions({reinterpret_cast<const char*>(data), size}, "flags.yaml");
  if (!read) {
    require(!read.error().empty(), "a refusal has its reasons");
    for (const auto& problem : read.error())
      require(!problem.empty() && !problem.contains('\n'), "each of one line");
    return 0;
  }
  const base::ManualClock clock;
  const flags::Attribute attributes[] = {
      {"email", "ada@example.org"}, {"version", "2.1.0-rc.1"}, {"age", 36.0}, {"verified", true}};
  for (const flags::Flag& flag : read->flags) {
    require(read->find(flag.key) == &flag, "a flag is found by its key");
    const bool could = flags::couldServe(*read, &flag, clock.wall());
    for (const std::string_view user : {"", "ada", "user-17"}) {
      const auto outcome = flags::evaluate(*read, &flag, {user, attributes}, clock);
      checkOutcome(flag, outcome);
      const bool gated =
          outcome.variant != nullptr ? outcome.variant->boolean : outcome.fault == flags::Fault::kNone;
      require(could || flag.type != flags::Type::kBoolean || !gated, "who is served could be");
      for (const auto type : {flags::Type::kInteger, flags::Type::kNumber})
        checkOutcome(flag, flags::evaluateAs(type, *read, &flag, {user, attributes}, clock));
    }
  }
  return 0;
}
