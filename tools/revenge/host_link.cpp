#include "revenge/host_link.hpp"

#include <chrono>

#include <fmt/format.h>

#include "document/json.hpp"
#include "revengectl/commands.hpp"
#include "revengectl/session.hpp"
#include "revengectl/text.hpp"

namespace revenge::author {

namespace {

using base::Errc;
using base::fail;
using document::Value;

constexpr std::chrono::seconds kPatience{10};

ctl::Place placeAt(const std::string& socket) {
  ctl::Place place;
  place.socket = socket;
  place.shown = socket;
  return place;
}

Errc codeOf(std::string_view code) {
  if (code == "not_found") return Errc::kNotFound;
  return code == "busy" ? Errc::kBusy : Errc::kRefused;
}

}  // namespace

HostLink::HostLink(const base::Clock& clock, const std::string& socket)
    : clock_(clock), place_(placeAt(socket)), client_(clock, place_, kPatience) {}

base::Result<Value> HostLink::ask(const ctl::Request& request) const {
  const auto answer = client_.ask(request);
  if (!answer) {
    const Errc code = answer.error().code == Errc::kIo ? Errc::kGone : answer.error().code;
    return fail(code, "{}", answer.error().message);
  }
  auto value = document::parseJson(answer->body, "answer", ctl::kAnswerLimits);
  if (answer->status < ctl::kFirstError) return value;
  const Value* const error = value ? value->find("error") : nullptr;
  if (error == nullptr) return fail(Errc::kRefused, "the host answers {}", answer->status);
  return fail(codeOf(ctl::rawText(*error, "code")), "{}", ctl::rawText(*error, "message"));
}

base::Result<std::optional<Seen>> HostLink::look(const std::string& id) const {
  const auto plugin =
      ask({.method = "GET", .target = fmt::format("/v1/plugins/{}", ctl::percentEncoded(id))});
  if (!plugin && plugin.error().code == Errc::kNotFound) return std::optional<Seen>();
  if (!plugin) return std::unexpected(plugin.error());
  return Seen{ctl::rawText(*plugin, "version"), ctl::rawText(*plugin, "state"),
              ctl::rawText(*plugin, "folder")};
}

base::Result<Swapped> HostLink::swap(const std::string& id, const std::filesystem::path& folder) const {
  const auto report = ask({.method = "POST",
                           .target = fmt::format("/v1/plugins/{}/swap?path={}", ctl::percentEncoded(id),
                                                 ctl::percentEncoded(folder.string())),
                           .timeout = ctl::kOperation});
  if (!report) return std::unexpected(report.error());
  return Swapped{ctl::rawText(*report, "to"), ctl::numberOf(*report, "took_ms")};
}

base::Result<std::unique_ptr<HostTail>> HostLink::tail(std::string_view id) const {
  return HostTail::open(clock_, place_, id);
}

HostTail::HostTail(const base::Clock& clock, const ctl::Place& place)
    : place_(place), connection_(clock, place_, kPatience), reader_([this](std::string_view piece) {
        text_ += piece;
        return base::Result<>();
      }) {}

base::Result<std::unique_ptr<HostTail>> HostTail::open(const base::Clock& clock, const ctl::Place& place,
                                                       std::string_view id) {
  std::unique_ptr<HostTail> tail(new HostTail(clock, place));
  if (auto begun = tail->begin(id); !begun) return std::unexpected(begun.error());
  return tail;
}

base::Result<> HostTail::begin(std::string_view id) {
  if (auto opened = connection_.open(); !opened) return opened;
  const std::string request =
      fmt::format("GET /v1/tail?plugin={} HTTP/1.1\r\nHost: revenge\r\nConnection: close\r\n\r\n",
                  ctl::percentEncoded(id));
  if (auto sent = connection_.send(request); !sent) return sent;
  while (!reader_.headDone()) {
    const auto bytes = connection_.receive();
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) return fail(Errc::kUnavailable, "{}: the host has gone", place_.shown);
    if (auto taken = reader_.take(*bytes); !taken) return taken;
  }
  connection_.waitForEver();
  return {};
}

bool HostTail::read(const std::function<void(const Value&)>& line) {
  const auto bytes = connection_.receive();
  if (!bytes || bytes->empty() || !reader_.take(*bytes)) return false;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    if (const auto value = document::parseJson(std::string_view(text_).substr(begin, end - begin), "line"))
      line(*value);
  }
  text_.erase(0, begin);
  return !reader_.done();
}

}  // namespace revenge::author
