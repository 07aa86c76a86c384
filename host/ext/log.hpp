// Adapter of revenge.log/1 over observe::Logger. Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <revenge/abi/log.h>

#include "observe/log.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class LogAdapter {
 public:
  LogAdapter() : bound_(kHandleKind) {}
  static const revenge_log& table();

  std::size_t withdraw(service::InstanceRef instance) { return bound_.withdraw(instance).size(); }

 private:
  friend struct LogTable;
  static constexpr std::uint8_t kHandleKind = 10;
  static constexpr std::size_t kMaxBound = 1024;  // of one instance
  service::HandleTable<observe::Logger> bound_;
};

}  // namespace revenge::ext
