// A log record as bytes on its way from the thread that logs to the writer: the structs as they are, all texts behind
// them. Nothing is formatted, nothing allocated. Thread safety: pure functions over what they are given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "observe/log.hpp"
#include "observe/log_format.hpp"

namespace revenge::observe {

// Texts are cut and attributes left out from the end (and counted) until a record fits.
inline constexpr std::size_t kMaxPackedBytes = 32768;
inline constexpr std::size_t kMaxPackedName = 512;  // of component, request, user and keys
// One more than is shown, so that whoever formats the text sees that it was cut.
inline constexpr std::size_t kMaxPackedText = kMaxLogValueBytes + 1;

// Measures a record, then writes it. The record lives as long.
class LogPacking {
 public:
  explicit LogPacking(const LogRecord& record);

  std::size_t bytes() const { return bytes_; }  // a multiple of 8, at most kMaxPackedBytes
  // Requires: bytes() bytes there, aligned to 8.
  void write(std::byte* to) const;

 private:
  const LogRecord& record_;
  std::size_t bytes_ = 0;
  std::uint16_t bound_ = 0;   // that are kept
  std::uint16_t own_ = 0;     // likewise
  bool as_they_are_ = false;  // the bound ones: in two pieces, not one by one
};

// The record in the bytes that write() made. It views them, and they are changed: what was packed is unpacked once.
LogRecord unpackLogRecord(std::byte* from);

}  // namespace revenge::observe
