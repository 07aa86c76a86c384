#include "http/server_sent.hpp"

namespace revenge::http {

base::Result<std::string> frameEvent(const StreamEvent& event) {
  constexpr std::string_view kBreaks("\r\n\0", 3);
  if (event.name.find_first_of(kBreaks) != std::string_view::npos ||
      event.id.find_first_of(kBreaks) != std::string_view::npos) {
    return base::fail(base::Errc::kInvalid, "an event's name and id cannot hold line breaks");
  }
  std::string out;
  if (event.retry_ms != 0) out += fmt::format("retry: {}\n", event.retry_ms);
  if (!event.name.empty()) out.append("event: ").append(event.name).append("\n");
  if (!event.id.empty()) out.append("id: ").append(event.id).append("\n");
  std::string_view rest = event.data;
  for (bool more = true; more;) {
    const std::size_t end = rest.find_first_of("\r\n");
    out.append("data: ").append(rest.substr(0, end)).append("\n");
    more = end != std::string_view::npos;
    if (more) rest.remove_prefix(end + (rest.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  out += '\n';
  return out;
}

}  // namespace revenge::http
