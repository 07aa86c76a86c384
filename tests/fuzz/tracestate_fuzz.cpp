// The tracestate headers, one a line: what is sent on is within its limits, and is accepted again as it is.
#include <string>
#include <string_view>
#include <vector>

#include "observe/trace_state.hpp"
#include "require.hpp"

using namespace revenge::observe;
using revenge::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> headers;
  while (true) {
    const auto end = rest.find('\n');
    headers.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  std::string storage;
  const std::string once(acceptTraceState(headers, storage));
  require(once.size() <= kMaxTraceState, "it is within its limit");
  for (const char c : once) require(c >= ' ' && c <= '~', "it is printable");
  const std::vector<std::string_view> again{once};
  std::string unused;
  require(acceptTraceState(again, unused) == once, "it is accepted again as it is");
  return 0;
}
