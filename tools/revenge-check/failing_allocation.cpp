#include "revenge-check/failing_allocation.hpp"

#include <cerrno>
#include <cstddef>

#include "revenge-check/row.hpp"

namespace revenge::check::allocation {
namespace {

// Plain thread-locals of a program: reading them allocates nothing.
thread_local int plugin = 0;
thread_local int host = 0;
thread_local bool armed = false;
thread_local std::uint64_t count = 0;
thread_local std::uint64_t failing = 0;

[[maybe_unused]] bool fails() {
  if (!armed || plugin == 0 || host != 0) return false;
  if (++count != failing) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace

bool available() { return !sanitized(); }

void enterPlugin() { ++plugin; }
void leavePlugin() { --plugin; }
void enterHost() { ++host; }
void leaveHost() { --host; }

void failNth(std::uint64_t nth) {
  armed = true;
  count = 0;
  failing = nth;
}

std::uint64_t counted() { return count; }

}  // namespace revenge::check::allocation

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define REVENGE_CHECK_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define REVENGE_CHECK_SANITIZED
#endif
#endif

#ifndef REVENGE_CHECK_SANITIZED
extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier): glibc's own names for them
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
// NOLINTEND(bugprone-reserved-identifier)

__attribute__((visibility("default"))) void* malloc(std::size_t size) noexcept {
  return revenge::check::allocation::fails() ? nullptr : __libc_malloc(size);
}
__attribute__((visibility("default"))) void* calloc(std::size_t count, std::size_t size) noexcept {
  return revenge::check::allocation::fails() ? nullptr : __libc_calloc(count, size);
}
__attribute__((visibility("default"))) void* realloc(void* memory, std::size_t size) noexcept {
  return revenge::check::allocation::fails() ? nullptr : __libc_realloc(memory, size);
}
}
#endif
