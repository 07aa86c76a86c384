// Writes one message as OTLP's JSON: ids in hex, enumerations as integers, 64-bit integers as decimal strings, NaN and
// infinities as strings. The same calls as ProtobufWriter. Source: the OTLP specification, "JSON Protobuf Encoding". Thread
// safety: one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "field.hpp"

namespace telemetry_otlp {

class JsonWriter {
 public:
  void beginMessage(Field field) {
    key(field);
    open('{');
  }
  void endMessage() { close('}'); }
  void beginList(Field field) {
    key(field);
    open('[');
  }
  void endList() { close(']'); }
  void beginItem(Field) {
    separate();
    open('{');
  }
  void endItem() { close('}'); }

  void text(Field field, std::string_view value);
  void traceId(Field field, std::uint64_t high, std::uint64_t low);
  void spanId(Field field, std::uint64_t id);
  void boolean(Field field, bool value);
  void enumeration(Field field, unsigned value) { plain(field, value); }
  void uint32(Field field, std::uint32_t value) { plain(field, value); }
  void fixed32(Field field, std::uint32_t value) { plain(field, value); }
  void int64(Field field, std::int64_t value);
  void fixed64(Field field, std::uint64_t value);
  void number(Field field, double value);
  void fixed64s(Field field, std::span<const std::uint64_t> values);
  void numbers(Field field, std::span<const double> values);

  std::string take() {
    out_ += '}';
    return std::move(out_);
  }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void key(Field field) {
    separate();
    out_ += '"';
    out_ += field.name;
    out_ += "\":";
  }
  void open(char bracket) {
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void plain(Field field, std::uint32_t value) {
    key(field);
    out_ += std::to_string(value);
  }
  void quoted(std::string_view digits);
  void append(double value);

  std::string out_ = "{";
  bool first_ = true;  // of the object or array that is open
};

}  // namespace telemetry_otlp
