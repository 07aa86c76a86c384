#include "observe/telemetry_tap.hpp"

#include <utility>

#include "observe/log_layout.hpp"

namespace revenge::observe {

namespace {

using Type = SpanValue::Type;

void addText(ToldRecord& told, std::string name, std::string_view text) {
  if (!text.empty())
    told.attributes.push_back({.name = std::move(name), .type = Type::kText, .text = std::string(text)});
}

void addInteger(ToldRecord& told, std::string name, std::int64_t value, Type type = Type::kInteger) {
  told.attributes.push_back({.name = std::move(name), .type = type, .integer = value, .text = {}});
}

struct Adder {
  ToldRecord& told;
  std::string name;

  void operator()(bool value) { addInteger(told, std::move(name), value ? 1 : 0, Type::kBoolean); }
  void operator()(std::int64_t value) { addInteger(told, std::move(name), value); }
  void operator()(std::uint64_t value) {
    addInteger(told, std::move(name), static_cast<std::int64_t>(value));
  }
  void operator()(double value) {
    told.attributes.push_back({.name = std::move(name), .type = Type::kNumber, .number = value, .text = {}});
  }
  void operator()(std::string_view value) { addText(told, std::move(name), value); }
  void operator()(base::Duration value) { addInteger(told, name + "_ns", value.count()); }
  void operator()(Attribute::Group) {}
  void operator()(Attribute::OpenGroup) {}
};

void addMembers(ToldRecord& told, const LogLayout& layout, std::uint8_t parent, const std::string& prefix) {
  layout.each(parent, [&](std::uint8_t at, const LogLayout::Node& node) {
    std::string name = prefix + std::string(node.key) + (node.renamed ? "_" : "");
    if (node.attribute == nullptr) return addMembers(told, layout, at, name + ".");
    std::visit(Adder{told, std::move(name)}, node.attribute->value);
  });
}

}  // namespace

ToldRecord toldOf(const LogRecord& record) {
  ToldRecord told;
  told.level = record.level;
  told.at = record.time;
  constexpr std::string_view kPlugin = "plugin/";
  told.component = record.component.substr(record.component.starts_with(kPlugin) ? kPlugin.size() : 0);
  told.message = record.message;
  addMembers(told, LogLayout(record), LogLayout::kRoot, {});
  addText(told, "revenge.request_id", record.request);
  addText(told, "user.id", record.user);
  addText(told, "code.file.path", record.source.file);
  if (!record.source.file.empty()) addInteger(told, "code.line.number", record.source.line);
  if (record.trace.isSampled()) {
    told.trace_id_high = record.trace.trace_id_high;
    told.trace_id_low = record.trace.trace_id_low;
    told.span_id = record.trace.span_id;
  }
  return told;
}

void TelemetryTap::record(const LogRecord& record) noexcept {
  if (telemetry_.wantsLogs()) telemetry_.told(toldOf(record));
}

}  // namespace revenge::observe
