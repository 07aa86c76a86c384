// A package's own copy, under a path that is never used twice: what is mapped cannot be overwritten,
// truncated or answered by dlopen with an older library. Thread safety: PrivateStore::copy from any thread; a
// PrivateCopy belongs to one owner and deletes its folder when it ends (keep it while the library is mapped:
// debuggers look there).
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "module/descriptor.hpp"

namespace revenge::module {

struct CopyLimits {
  std::uint64_t bytes = 512ull << 20;
  std::uint32_t files = 4096;
  std::uint32_t depth = 16;
};

class PrivateCopy {
 public:
  PrivateCopy() = default;
  // Takes over `holder`, which contains `folder`.
  PrivateCopy(std::filesystem::path holder, std::filesystem::path folder)
      : holder_(std::move(holder)), folder_(std::move(folder)) {}
  PrivateCopy(PrivateCopy&& other) noexcept
      : holder_(std::exchange(other.holder_, {})), folder_(std::exchange(other.folder_, {})) {}
  PrivateCopy& operator=(PrivateCopy&& other) noexcept {
    holder_.swap(other.holder_);
    folder_.swap(other.folder_);
    return *this;
  }
  ~PrivateCopy();

  const std::filesystem::path& folder() const { return folder_; }
  // Read-only; refuses links and whatever is not a regular file.
  base::Result<Descriptor> open(std::string_view name) const;

 private:
  std::filesystem::path holder_;
  std::filesystem::path folder_;
};

class PrivateStore {
 public:
  // Makes <root>/run-XXXXXX, mode 0700, locked for the life of this object, and deletes what hosts that are
  // gone left beside it.
  static base::Result<PrivateStore> open(const std::filesystem::path& root);

  PrivateStore(PrivateStore&& other) noexcept;
  PrivateStore& operator=(PrivateStore&&) = delete;
  ~PrivateStore();  // deletes the folder when no copy is left in it

  // Regular files and folders only; symbolic links, pipes, devices and files with a second hard link are
  // refused by name. Nothing is left behind on failure (a full disk included).
  base::Result<PrivateCopy> copy(const std::filesystem::path& package, const CopyLimits& limits = {}) const;

 private:
  PrivateStore(std::filesystem::path run, Descriptor lock) : run_(std::move(run)), lock_(std::move(lock)) {}

  std::filesystem::path run_;
  Descriptor lock_;
  mutable std::atomic<std::uint64_t> next_{1};
};

}  // namespace revenge::module
