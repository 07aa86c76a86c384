// A file written beside another, made durable, then renamed over it: after a crash there is the old one or the new one,
// whole. Thread safety: a value, confined to one thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.hpp"

namespace revenge::base {

class Replacement {
 public:
  // The new content is on the disk when this returns, and nobody sees it yet. `file` may be a link: what it leads to is
  // replaced. A file that was there keeps its mode, less what `at_most` has not; a new one has `at_most`.
  static Result<Replacement> write(const std::filesystem::path& file, std::string_view content,
                                   mode_t at_most);
  Replacement(Replacement&& other) noexcept;
  Replacement& operator=(Replacement&&) = delete;
  ~Replacement();  // without commit(): nothing has happened

  Result<> commit();  // kIo: all is as it was

 private:
  Replacement(std::filesystem::path file, std::filesystem::path temporary)
      : file_(std::move(file)), temporary_(std::move(temporary)) {}

  std::filesystem::path file_;
  std::filesystem::path temporary_;  // empty: committed
};

// Both at once.
Result<> replaceFile(const std::filesystem::path& file, std::string_view content, mode_t at_most);

}  // namespace revenge::base
