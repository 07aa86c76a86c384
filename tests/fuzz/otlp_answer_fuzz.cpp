// What a receiver of OTLP answers, in either encoding: reading it ends, and what is kept of a text is short UTF-8.
#include <string_view>

#include "answer.hpp"
#include "require.hpp"
#include "utf8.hpp"

using namespace telemetry_otlp;
using revenge::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const Encoding encoding : {Encoding::kProtobuf, Encoding::kJson}) {
    for (const std::string& text : {readPartial(encoding, body).message, readStatus(encoding, body)}) {
      require(text.size() <= 3 * kMaxMessage, "it is short");
      require(isUtf8(text), "it is UTF-8");
    }
  }
  require(readRetryAfter(body, 784'111'777) >= -1, "it is a wait or none");
  return 0;
}
