#include "revengectl/follow_drain.hpp"

#include <optional>

#include <fmt/format.h>

#include "document/json.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

constexpr std::chrono::seconds kBetweenLooks{1};

std::string lasting(double seconds) {
  constexpr double kMinute = 60;
  return seconds < 2 * kMinute ? fmt::format("{:.0f} s", seconds)
                               : fmt::format("{:.0f} min", seconds / kMinute);
}

// One line, written anew on a terminal; elsewhere a line for each change.
class StatusLine {
 public:
  explicit StatusLine(const Session& session) : session_(session) {}

  void show(const std::string& text) {
    if (text == shown_) return;
    session_.people(rewrites() ? fmt::format("\r{}\x1b[K", text) : text + "\n");
    shown_ = text;
  }
  bool empty() const { return shown_.empty(); }
  void end(const std::string& text) {
    session_.people(fmt::format("{}{}\n", shown_.empty() || !rewrites() ? "" : "\n", text));
  }

 private:
  bool rewrites() const { return session_.colours() == Colours::kOn; }

  const Session& session_;
  std::string shown_;
};

std::optional<Value> look(const Session& session, const std::string& id) {
  const auto answer =
      session.ask({.method = "GET", .target = fmt::format("/v1/plugins/{}", percentEncoded(id))});
  if (!answer || answer->status >= kFirstError) return {};
  auto plugin = document::parseJson(answer->body, "answer", kAnswerLimits);
  if (!plugin || plugin->object() == nullptr) return {};
  return std::move(*plugin);
}

}  // namespace

void followDrain(const Session& session, const std::string& id, const std::string& version) {
  StatusLine line(session);
  const std::string shown = escaped(version);
  while (true) {
    const auto plugin = look(session, id);
    if (!plugin) return line.end(fmt::format("  the host was asked in vain what {} waits for", shown));
    const Value* draining = nullptr;
    const Value* retired = nullptr;
    for (const Value& instance : arrayOf(*plugin, "instances")) {
      if (rawText(instance, "version") != version) continue;
      const std::string state = rawText(instance, "state");
      if (state == "draining" && draining == nullptr) draining = &instance;
      if ((state == "retired" || state == "stuck") && retired == nullptr) retired = &instance;
    }
    if (draining == nullptr && line.empty()) return;
    if (draining == nullptr) {
      return line.end(retired != nullptr
                          ? toned(fmt::format("  {} is {}: {}", shown, textOf(*retired, "state"),
                                              textOf(*retired, "note")),
                                  Tone::kWarning, session.colours())
                          : fmt::format("  {} has ended", shown));
    }
    const std::string holders = joined(arrayOf(*draining, "holders"), "; ");
    line.show(
        toned(fmt::format("  draining {}: {}, deadline {}", shown, holders.empty() ? "calls inside" : holders,
                          lasting(numberOf(*draining, "drain_s"))),
              Tone::kWarning, session.colours()) +
        "   (Ctrl-C leaves it draining)");
    session.around().pause(kBetweenLooks);
  }
}

}  // namespace revenge::ctl
