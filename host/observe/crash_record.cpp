#include "observe/crash_record.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace revenge::observe {

namespace {

constexpr std::size_t kMostFrames = 256;
constexpr std::size_t kMostImages = 1024;

std::string_view takeWord(std::string_view& text) {
  const std::size_t space = text.find(' ');
  const std::string_view word = text.substr(0, space);
  text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  return word;
}

std::uint64_t number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    base = 16;
  }
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

std::string orEmpty(std::string_view text) { return text == "-" ? std::string() : std::string(text); }

std::optional<BuildOfPlugin> pluginIn(std::string_view text) {
  BuildOfPlugin plugin;
  plugin.id = takeWord(text);
  plugin.version = takeWord(text);
  plugin.sha256 = takeWord(text);
  if (plugin.id.empty() || plugin.sha256.empty()) return std::nullopt;
  return plugin;
}

StackFrame frameIn(std::string_view text) {
  StackFrame frame;
  frame.build_id = orEmpty(takeWord(text));
  frame.offset = number(takeWord(text));
  frame.plugin = orEmpty(takeWord(text));
  frame.path = orEmpty(text);
  return frame;
}

void take(CrashRecord& record, std::string_view key, std::string_view rest) {
  if (key == "crash") record.kind = rest;
  if (key == "time") record.time_s = static_cast<std::int64_t>(number(rest));
  if (key == "reason") record.reason = rest;
  if (key == "host") record.host_build = rest;
  if (key == "doing") record.doing = rest;
  if (key == "address") record.address = number(rest);
  if (key == "inside") record.inside = pluginIn(rest);
  if (key == "thread") {
    takeWord(rest);
    record.thread = rest;
  }
  if (key == "signal") {
    takeWord(rest);
    record.signal = rest;
  }
  if (key == "frame" && record.frames.size() < kMostFrames) record.frames.push_back(frameIn(rest));
  if (key == "image" && record.images.size() < kMostImages)
    if (auto plugin = pluginIn(rest)) record.images.push_back(std::move(*plugin));
  if (key == "end") record.complete = true;
}

std::string fileName(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

}  // namespace

std::optional<BuildOfPlugin> CrashRecord::culprit() const {
  for (const StackFrame& frame : frames) {
    if (frame.plugin.empty()) continue;
    if (inside && inside->id == frame.plugin) return inside;
    const auto image = std::ranges::find(images, frame.plugin, &BuildOfPlugin::id);
    return image != images.end() ? *image : BuildOfPlugin{frame.plugin, {}, {}};
  }
  return inside;
}

std::string CrashRecord::summary() const {
  std::string text = kind == "exit" ? "exit() was called" : "SIG" + signal;
  if (signal == "SEGV" || signal == "BUS") text += fmt::format(" at {:#x}", address);
  if (!reason.empty()) text += fmt::format(" ({})", reason);
  if (!doing.empty()) text += fmt::format(" in '{}'", doing);
  if (const auto plugin = culprit()) text += fmt::format(" of plugin {} {}", plugin->id, plugin->version);
  const auto frame =
      std::ranges::find_if(frames, [](const StackFrame& each) { return !each.plugin.empty(); });
  const auto& shown = frame != frames.end() ? frame : frames.begin();
  if (shown != frames.end() && !shown->path.empty())
    text += fmt::format(", {}+{:#x}{}", fileName(shown->path), shown->offset,
                        shown->function.empty() ? "" : fmt::format(" in {}", shown->function));
  if (!thread.empty()) text += fmt::format(", thread {}", thread);
  return text;
}

std::optional<CrashRecord> readCrash(std::string_view text) {
  if (text.empty()) return std::nullopt;
  CrashRecord record;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const std::string_view key = takeWord(line);
    take(record, key, line);
  }
  return record;
}

}  // namespace revenge::observe
