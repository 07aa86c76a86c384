// The report of a probe: written by a child process in which unknown code ran.
#include "module/probe.hpp"
#include "require.hpp"

using revenge::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace revenge::module;
  const auto report = probeReportFromJson({reinterpret_cast<const char*>(data), size});
  if (!report) return 0;
  require(!report->id.empty() && !report->version.empty(), "a report says of what it is");
  const std::string text = toJson(*report);
  const auto again = probeReportFromJson(text);
  require(again.has_value(), "what is written is read");
  require(toJson(*again) == text, "and read as what it was");
  require(again->changes == report->changes && again->whyNot == report->whyNot, "to the byte");
  return 0;
}
