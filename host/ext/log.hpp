// Adapter of revenge.log/1 over observe::Logger. Each thread keeps the bound loggers it used last, so that a line finds its
// own without a lock. Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <revenge/abi/log.h>

#include "observe/log.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class LogAdapter {
 public:
  LogAdapter();
  static const revenge_log& table();

  static constexpr std::size_t kMaxBound = 1024;  // of one instance

  revenge_handle bind(service::InstanceRef owner, observe::Logger logger);  // 0: kMaxBound are bound
  void unbind(revenge_handle handle, service::InstanceRef owner);
  // Valid until this thread asks again; null: not bound (any more), or by somebody else.
  const observe::Logger* find(revenge_handle handle, service::InstanceRef owner);
  std::size_t withdraw(service::InstanceRef instance);

 private:
  struct Recent;
  struct Kept;
  static constexpr std::uint8_t kHandleKind = 10;
  static constexpr std::size_t kUnbound = 1024;
  static constinit thread_local Recent recent;

  const observe::Logger* look(revenge_handle handle, service::InstanceRef owner);
  std::atomic<std::uint32_t>& unbound(revenge_handle handle) { return unbound_[handle % kUnbound]; }

  const std::uint64_t
      id_;  // never used twice: what a thread kept of another adapter is not taken for this one's
  service::HandleTable<observe::Logger> bound_;
  // How many of the handles that share a place are unbound: what a thread keeps is as good as the count it saw.
  std::array<std::atomic<std::uint32_t>, kUnbound> unbound_{};
};

}  // namespace revenge::ext
