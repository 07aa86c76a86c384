// Where lines end: standard error, or a file that is appended to. Thread safety: confined to one thread, and may block it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace revenge::observe {

class LogDestination {
 public:
  virtual ~LogDestination() = default;

  // Whole lines; returns how many bytes of them are out. Fewer than all: the disk is full, or nobody reads any more.
  virtual std::size_t write(std::string_view lines) = 0;
  // Nobody can find what is written any more: the file has been deleted.
  virtual bool unlinked() const { return false; }
};

std::unique_ptr<LogDestination> standardErrorLog();
// Created with mode 0640 when it is not there. Every write goes to the end of the file, whoever else writes to it.
base::Result<std::unique_ptr<LogDestination>> openLogFile(const std::string& path);

}  // namespace revenge::observe
