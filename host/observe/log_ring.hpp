// A bounded queue of byte blocks from one thread to one other: a ring in which every block lies whole. Neither side ever
// waits or allocates. Thread safety: reserve() and commit() by one thread at a time, next() and pop() by one thread at a
// time, both sides side by side.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace revenge::observe {

class LogRing {
 public:
  static constexpr std::size_t kAlignment = 8;

  explicit LogRing(std::size_t bytes)  // rounded up to a power of two
      : bytes_(std::bit_ceil(bytes)), memory_(std::make_unique_for_overwrite<std::byte[]>(bytes_)) {}
  LogRing(const LogRing&) = delete;
  LogRing& operator=(const LogRing&) = delete;

  // Room for one block, until commit(); null: full. Requires: a multiple of kAlignment, less than half the capacity.
  std::byte* reserve(std::size_t size) {
    const std::size_t whole = size + kPrefix;
    const std::size_t to_end = bytes_ - (written_ & mask_);
    const std::size_t skipped = whole > to_end ? to_end : 0;
    const std::uint64_t end = written_ + skipped + whole;
    if (end - read_seen_ > bytes_) {
      read_seen_ = read_.load(std::memory_order_acquire);
      if (end - read_seen_ > bytes_) return nullptr;
    }
    if (skipped > 0) prefix(written_) = {static_cast<std::uint32_t>(skipped), kSkip};
    written_ += skipped;
    reserved_ = whole;
    prefix(written_) = {static_cast<std::uint32_t>(whole), kBlock};
    return block(written_);
  }
  void commit() {
    written_ += reserved_;
    published_.store(written_, std::memory_order_release);
  }

  // The oldest block, until pop(); null: there is none. It may be changed in place.
  std::byte* next() {
    std::uint64_t at = read_.load(std::memory_order_relaxed);
    if (at == published_.load(std::memory_order_acquire)) return nullptr;
    if (prefix(at).kind == kSkip) {
      at += prefix(at).size;
      read_.store(at, std::memory_order_release);
    }
    return block(at);
  }
  std::size_t pop() {  // its bytes in the ring
    const std::uint64_t at = read_.load(std::memory_order_relaxed);
    const std::size_t size = prefix(at).size;
    read_.store(at + size, std::memory_order_release);
    return size;
  }

  // Any thread. Only the writing side knows that it stays so.
  bool empty() const {
    return read_.load(std::memory_order_acquire) == published_.load(std::memory_order_acquire);
  }
  std::size_t capacity() const { return bytes_; }

 private:
  enum Kind : std::uint32_t { kBlock, kSkip };
  struct Prefix {
    std::uint32_t size;  // with itself
    Kind kind;
  };
  static constexpr std::size_t kPrefix = sizeof(Prefix);
  static_assert(kPrefix == kAlignment);

  Prefix& prefix(std::uint64_t at) { return *reinterpret_cast<Prefix*>(memory_.get() + (at & mask_)); }
  std::byte* block(std::uint64_t at) { return memory_.get() + (at & mask_) + kPrefix; }

  const std::size_t bytes_;
  const std::size_t mask_ = bytes_ - 1;
  const std::unique_ptr<std::byte[]> memory_;
  alignas(64) std::uint64_t written_ = 0;  // these and the following: of the writing side
  std::uint64_t read_seen_ = 0;
  std::size_t reserved_ = 0;
  alignas(64) std::atomic<std::uint64_t> published_{0};
  alignas(64) std::atomic<std::uint64_t> read_{0};
};

}  // namespace revenge::observe
