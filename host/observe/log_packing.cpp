#include "observe/log_packing.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "observe/log_layout.hpp"

namespace revenge::observe {

namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kMaxFile = 96;  // of a path's end

struct Head {
  base::WallTime time;
  TraceContext trace;
  std::uint32_t line;
  std::uint32_t dropped;
  std::uint16_t component;  // bytes of the texts, in the order they stand
  std::uint16_t request;
  std::uint16_t user;
  std::uint16_t file;
  std::uint16_t message;
  std::uint16_t bound;
  std::uint16_t own;
  Level level;
};
static_assert(sizeof(Head) % kAlignment == 0 && alignof(Attribute) <= kAlignment);
static_assert(std::is_trivially_copyable_v<Attribute> && std::is_trivially_destructible_v<Attribute>);

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::size_t cut(std::string_view text, std::size_t limit) { return std::min(text.size(), limit); }

std::string_view endOf(std::string_view path) { return path.substr(path.size() - cut(path, kMaxFile)); }

std::size_t sizeOf(const Attribute& attribute) {
  const auto* text = std::get_if<std::string_view>(&attribute.value);
  return sizeof(Attribute) + cut(attribute.key, kMaxPackedName) +
         (text == nullptr ? 0 : cut(*text, kMaxPackedText));
}

// Writes structs and texts one behind the other.
struct Writer {
  std::byte* structs;
  std::byte* texts;

  void text(std::string_view view, std::size_t size) {
    if (size > 0) std::memcpy(texts, view.data(), size);
    texts += size;
  }
  // The lengths stand in the struct; the pointers are set when it is unpacked.
  void attribute(const Attribute& from) {
    Attribute to = from;
    to.key = from.key.substr(0, kMaxPackedName);
    text(to.key, to.key.size());
    if (auto* value = std::get_if<std::string_view>(&to.value)) {
      *value = value->substr(0, kMaxPackedText);
      text(*value, value->size());
    }
    std::memcpy(structs, &to, sizeof to);
    structs += sizeof to;
  }
  void attributes(std::span<const Attribute> all, std::string_view their_texts) {
    std::memcpy(structs, all.data(), all.size_bytes());
    structs += all.size_bytes();
    text(their_texts, their_texts.size());
  }
};

struct Reader {
  const char* texts;

  std::string_view text(std::size_t size) {
    const std::string_view view(texts, size);
    texts += size;
    return view;
  }
  void attribute(Attribute& attribute) {
    attribute.key = text(attribute.key.size());
    if (auto* value = std::get_if<std::string_view>(&attribute.value)) *value = text(value->size());
  }
};

}  // namespace

LogPacking::LogPacking(const LogRecord& record) : record_(record) {
  std::size_t bytes = sizeof(Head) + cut(record.component, kMaxPackedName) +
                      cut(record.request, kMaxPackedName) + cut(record.user, kMaxPackedName) +
                      cut(record.source.file, kMaxFile) + cut(record.message, kMaxPackedText);
  const auto keep = [&](std::span<const Attribute> list, std::size_t room) {
    std::uint16_t kept = 0;
    for (const Attribute& attribute : list.first(std::min(list.size(), room))) {
      const std::size_t more = sizeOf(attribute);
      if (bytes + more > kMaxPackedBytes - kAlignment) break;
      bytes += more;
      ++kept;
    }
    return kept;
  };
  const std::size_t bound_bytes = record.bound.size_bytes() + record.bound_texts.size();
  as_they_are_ = !record.bound_texts.empty() && record.bound.size() <= kMaxLogAttributes &&
                 bytes + bound_bytes <= kMaxPackedBytes - kAlignment;
  if (as_they_are_) bytes += bound_bytes;
  bound_ =
      as_they_are_ ? static_cast<std::uint16_t>(record.bound.size()) : keep(record.bound, kMaxLogAttributes);
  if (bound_ == record.bound.size()) own_ = keep(record.attributes, kMaxLogAttributes - bound_);
  bytes_ = aligned(bytes);
}

void LogPacking::write(std::byte* to) const {
  const std::size_t left_out = record_.bound.size() + record_.attributes.size() - bound_ - own_;
  const std::string_view file = endOf(record_.source.file);
  const Head head{
      .time = record_.time,
      .trace = record_.trace,
      .line = record_.source.line,
      .dropped = static_cast<std::uint32_t>(record_.dropped + left_out),
      .component = static_cast<std::uint16_t>(cut(record_.component, kMaxPackedName)),
      .request = static_cast<std::uint16_t>(cut(record_.request, kMaxPackedName)),
      .user = static_cast<std::uint16_t>(cut(record_.user, kMaxPackedName)),
      .file = static_cast<std::uint16_t>(file.size()),
      .message = static_cast<std::uint16_t>(cut(record_.message, kMaxPackedText)),
      .bound = bound_,
      .own = own_,
      .level = record_.level,
  };
  std::memcpy(to, &head, sizeof head);
  Writer writer{to + sizeof head, to + sizeof head + sizeof(Attribute) * (bound_ + own_)};
  writer.text(record_.component, head.component);
  writer.text(record_.request, head.request);
  writer.text(record_.user, head.user);
  writer.text(file, head.file);
  writer.text(record_.message, head.message);
  if (as_they_are_) {
    writer.attributes(record_.bound, record_.bound_texts);
  } else {
    for (const Attribute& attribute : record_.bound.first(bound_)) writer.attribute(attribute);
  }
  for (const Attribute& attribute : record_.attributes.first(own_)) writer.attribute(attribute);
}

LogRecord unpackLogRecord(std::byte* from) {
  Head head;
  std::memcpy(&head, from, sizeof head);
  auto* const attributes = reinterpret_cast<Attribute*>(from + sizeof head);
  const std::span<Attribute> all(attributes, head.bound + head.own);
  Reader reader{reinterpret_cast<const char*>(attributes + all.size())};
  LogRecord record{};
  record.time = head.time;
  record.level = head.level;
  record.component = reader.text(head.component);
  record.request = reader.text(head.request);
  record.user = reader.text(head.user);
  record.source = {reader.text(head.file), head.line};
  record.message = reader.text(head.message);
  record.trace = head.trace;
  record.dropped = head.dropped;
  for (Attribute& attribute : all) reader.attribute(attribute);
  record.bound = all.first(head.bound);
  record.attributes = all.subspan(head.bound);
  return record;
}

}  // namespace revenge::observe
