#include "allocations.hpp"

#include <cstdlib>
#include <new>

#include <malloc.h>

namespace revenge::bench {
namespace {

thread_local Allocated of_this_thread;

void* counted(void* place) {
  if (place == nullptr) throw std::bad_alloc();
  ++of_this_thread.times;
  of_this_thread.bytes += static_cast<std::int64_t>(malloc_usable_size(place));
  return place;
}

void freed(void* place) noexcept {
  of_this_thread.bytes -= static_cast<std::int64_t>(malloc_usable_size(place));
  std::free(place);
}

}  // namespace

Allocated allocated() noexcept { return of_this_thread; }

}  // namespace revenge::bench

void* operator new(std::size_t size) { return revenge::bench::counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return revenge::bench::counted(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}
void operator delete(void* place) noexcept { revenge::bench::freed(place); }
void operator delete(void* place, std::size_t) noexcept { revenge::bench::freed(place); }
void operator delete(void* place, std::align_val_t) noexcept { revenge::bench::freed(place); }
void operator delete(void* place, std::size_t, std::align_val_t) noexcept { revenge::bench::freed(place); }
