// The Cookie field: what is taken for a session is one, stands in the field as it is, and is found again alone.
#include <algorithm>
#include <string>
#include <string_view>

#include "http/bytes.hpp"
#include "http/identity.hpp"
#include "require.hpp"

using namespace revenge::http;
using revenge::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view field(reinterpret_cast<const char*>(data), size);
  const revenge_field cookies[] = {{view("cookie"), view(field)}};
  const auto session = sessionIn(cookies);
  if (!session) return 0;
  require(session->size() == 32 && session->find_first_not_of("0123456789abcdef") == std::string_view::npos,
          "it is one that the host makes");
  require(field.contains(*session), "it stands in the field");
  const std::string alone = "revenge_session=" + std::string(*session);
  const revenge_field again[] = {{view("cookie"), view(alone)}};
  require(sessionIn(again) == session, "it is found alone, too");
  return 0;
}
