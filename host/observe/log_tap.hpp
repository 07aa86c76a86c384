// Who is told of every record that is written, an exporter for example. The one who made it owns it and hands it to
// LogOutput::attach(), which tells of the last call that may be under way. Thread safety: record() is called by one
// thread at a time, mostly the log's writer.
#pragma once

#include "observe/log.hpp"

namespace revenge::observe {

class LogTap {
 public:
  virtual ~LogTap() = default;

  // After redaction and sampling; the records of one thread in their order. Views: valid until it returns. Must neither
  // block nor log: all outputs wait for it.
  virtual void record(const LogRecord& record) noexcept = 0;
};

}  // namespace revenge::observe
