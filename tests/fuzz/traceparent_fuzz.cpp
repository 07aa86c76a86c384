// The traceparent header: whatever is gone on with can be written, and is read back as it was.
#include <string_view>

#include "observe/trace_context.hpp"
#include "require.hpp"

using namespace revenge::observe;
using revenge::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto context = parseTraceparent({reinterpret_cast<const char*>(data), size});
  if (!context) return 0;
  require(context->span_id != 0 && (context->trace_id_high | context->trace_id_low) != 0, "no id is 0");
  const auto written = formatTraceparent(*context);
  require(parseTraceparent({written.data(), written.size()}) == context, "it is read back as it was");
  return 0;
}
