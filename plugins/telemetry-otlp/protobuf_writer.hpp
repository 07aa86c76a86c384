// Writes one message in protobuf's wire format. The same calls as JsonWriter, so that each message is described once.
// Source: the encoding page of protobuf's documentation. Thread safety: one thread at a time.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "field.hpp"
#include "utf8.hpp"

namespace telemetry_otlp {

class ProtobufWriter {
 public:
  void beginMessage(Field field) {
    tag(field, kBytes);
    begun_.push_back(out_.size());
  }
  // Its length is known now, and goes before it.
  void endMessage() {
    const std::size_t begin = begun_.back();
    begun_.pop_back();
    std::string length;
    appendVarint(length, out_.size() - begin);
    out_.insert(begin, length);
  }
  void beginList(Field) {}
  void endList() {}
  void beginItem(Field field) { beginMessage(field); }
  void endItem() { endMessage(); }

  void text(Field field, std::string_view value) {
    tag(field, kBytes);
    const std::string_view good = valid(value);
    appendVarint(out_, good.size());
    out_ += good;
  }
  void traceId(Field field, std::uint64_t high, std::uint64_t low) {
    tag(field, kBytes);
    appendVarint(out_, 16);
    appendBig(high);
    appendBig(low);
  }
  void spanId(Field field, std::uint64_t id) {
    tag(field, kBytes);
    appendVarint(out_, 8);
    appendBig(id);
  }
  void boolean(Field field, bool value) { varint(field, value ? 1 : 0); }
  void enumeration(Field field, unsigned value) { varint(field, value); }
  void uint32(Field field, std::uint32_t value) { varint(field, value); }
  void int64(Field field, std::int64_t value) { varint(field, static_cast<std::uint64_t>(value)); }
  void fixed64(Field field, std::uint64_t value) {
    tag(field, kFixed64);
    appendLittle(value);
  }
  void fixed32(Field field, std::uint32_t value) {
    tag(field, kFixed32);
    for (unsigned shift = 0; shift < 32; shift += 8) out_ += static_cast<char>(value >> shift & 0xffU);
  }
  void number(Field field, double value) { fixed64(field, std::bit_cast<std::uint64_t>(value)); }
  void fixed64s(Field field, std::span<const std::uint64_t> values) {
    tag(field, kBytes);
    appendVarint(out_, values.size() * sizeof(std::uint64_t));
    for (const std::uint64_t value : values) appendLittle(value);
  }
  void numbers(Field field, std::span<const double> values) {
    tag(field, kBytes);
    appendVarint(out_, values.size() * sizeof(double));
    for (const double value : values) appendLittle(std::bit_cast<std::uint64_t>(value));
  }

  std::string take() { return std::move(out_); }

 private:
  static constexpr unsigned kVarint = 0;
  static constexpr unsigned kFixed64 = 1;
  static constexpr unsigned kBytes = 2;
  static constexpr unsigned kFixed32 = 5;

  static void appendVarint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7fU) | 0x80U);
    out += static_cast<char>(value);
  }
  void tag(Field field, unsigned type) { appendVarint(out_, field.number << 3U | type); }
  void varint(Field field, std::uint64_t value) {
    tag(field, kVarint);
    appendVarint(out_, value);
  }
  void appendLittle(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) out_ += static_cast<char>(value >> shift & 0xffU);
  }
  void appendBig(std::uint64_t value) {
    for (unsigned shift = 64; shift > 0; shift -= 8) out_ += static_cast<char>(value >> (shift - 8) & 0xffU);
  }
  std::string_view valid(std::string_view text) {
    if (isUtf8(text)) return text;
    repaired_.clear();
    appendUtf8(repaired_, text);
    return repaired_;
  }

  std::string out_;
  std::string repaired_;
  std::vector<std::size_t> begun_;  // where the open messages begin
};

}  // namespace telemetry_otlp
