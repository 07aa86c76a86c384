// Whether the current thread is inside a lifecycle call of a plugin, where waiting is refused. Set by Instance around each
// such call. Thread safety: one mark per thread.
#pragma once

namespace revenge::plugin {

namespace detail {
inline constinit thread_local bool in_lifecycle = false;
}

inline bool inLifecycleCall() { return detail::in_lifecycle; }

class LifecycleScope {
 public:
  LifecycleScope() { detail::in_lifecycle = true; }
  ~LifecycleScope() { detail::in_lifecycle = false; }
  LifecycleScope(const LifecycleScope&) = delete;
  LifecycleScope& operator=(const LifecycleScope&) = delete;
};

}  // namespace revenge::plugin
