// revengectl: whatever answers on the control socket, a host or not.
#include <algorithm>
#include <string>

#include "document/json.hpp"
#include "require.hpp"
#include "revengectl/response_reader.hpp"
#include "revengectl/show.hpp"
#include "revengectl/show_health.hpp"
#include "revengectl/show_packages.hpp"
#include "revengectl/show_plan.hpp"
#include "revengectl/show_top.hpp"
#include "revengectl/text.hpp"

namespace {

using namespace revenge;
using fuzz::require;

struct Read {
  bool good = true;
  int status = 0;
  std::string body;

  bool operator==(const Read&) const = default;
};

Read read(std::string_view bytes, std::size_t piece) {
  Read result;
  ctl::ResponseReader reader([&](std::string_view part) -> base::Result<> {
    result.body += part;
    return {};
  });
  for (; result.good && !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    result.good = reader.take(bytes.substr(0, piece)).has_value();
  result.good = result.good && reader.end().has_value();
  result.status = reader.status();
  return result;
}

void checkShown(const std::string& text) {
  require(std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == 0x7f; }),
          "nothing that an answer says steers the terminal");
}

void show(std::string_view body) {
  const auto answer = document::parseJson(body, "answer");
  if (!answer) return;
  for (const auto shown : {ctl::showPlugin, ctl::showStatus, ctl::showEvent, ctl::showReport,
                           ctl::showOutlook, ctl::showApplied, ctl::showCause, ctl::showGraph, ctl::showDot,
                           ctl::showTop, ctl::showHealth, ctl::showInstalled, ctl::showPackages})
    checkShown(shown(*answer, ctl::Colours::kOff));
  checkShown(ctl::showListing(*answer, *answer, ctl::Colours::kOff));
  checkShown(ctl::showStep(*answer));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Read whole = read(bytes, bytes.size());
  const Read pieces = read(bytes, 1);
  require(pieces.good == whole.good, "it does not matter in what pieces an answer arrives");
  require(!whole.good || pieces == whole, "it is the same one");
  checkShown(ctl::escaped(bytes));
  show(whole.good ? std::string_view(whole.body) : bytes);
  return 0;
}
