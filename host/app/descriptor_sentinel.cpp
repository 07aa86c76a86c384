#include "app/descriptor_sentinel.hpp"

#include <cerrno>
#include <optional>
#include <utility>

#include <sys/mman.h>
#include <sys/stat.h>

namespace revenge::app {

namespace {

// Of a file of its own: event descriptors and epolls share one.
std::optional<std::pair<dev_t, ino_t>> identity(int file) {
  struct stat status{};
  if (::fstat(file, &status) != 0) return std::nullopt;
  return std::pair(status.st_dev, status.st_ino);
}

}  // namespace

DescriptorSentinel::DescriptorSentinel(base::UniqueFd file, dev_t device, ino_t number)
    : file_(std::move(file)), device_(device), number_(number) {}

base::Result<DescriptorSentinel> DescriptorSentinel::post() {
  base::UniqueFd file(::memfd_create("revenge-sentinel", MFD_CLOEXEC));
  const auto known = file ? identity(file.get()) : std::nullopt;
  if (!known) return base::fail(base::Errc::kIo, "memfd_create: {}", base::errnoText(errno));
  return DescriptorSentinel(std::move(file), known->first, known->second);
}

bool DescriptorSentinel::isThere() const { return identity(file_.get()) == std::pair(device_, number_); }

}  // namespace revenge::app
