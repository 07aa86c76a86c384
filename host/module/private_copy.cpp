#include "module/private_copy.hpp"

#include <cerrno>
#include <memory>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "module/beneath.hpp"

namespace revenge::module {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::errnoText;
using base::fail;
using base::Result;

class TreeCopier {
 public:
  TreeCopier(const CopyLimits& limits, fs::path shown) : limits_(limits), shown_(std::move(shown)) {}

  Result<> copyFolder(const Descriptor& from, const Descriptor& to, std::uint32_t depth,
                      const fs::path& shown) {
    if (depth > limits_.depth) {
      return fail(Errc::kLimit, "'{}' is more than {} folders deep", shown.string(), limits_.depth);
    }
    // fdopendir takes the descriptor over, so it gets one of its own.
    const int own = ::openat(from.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> list(own < 0 ? nullptr : ::fdopendir(own), &::closedir);
    if (!list) return fail(Errc::kIo, "cannot list '{}': {}", shown.string(), errnoText(errno));
    while (const dirent* entry =
               ::readdir(list.get())) {  // NOLINT(concurrency-mt-unsafe): this DIR is ours alone
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (auto done = copyEntry(from, to, entry->d_name, depth, shown / name); !done) return done;
    }
    return {};
  }

 private:
  Result<> copyEntry(const Descriptor& from, const Descriptor& to, const char* name, std::uint32_t depth,
                     const fs::path& shown) {
    if (++files_ > limits_.files) {
      return fail(Errc::kLimit, "'{}' holds more than {} files", shown_.string(), limits_.files);
    }
    struct stat status{};
    if (::fstatat(from.get(), name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode)) {
      const Descriptor inner(openBeneath(from, name, O_RDONLY | O_DIRECTORY));
      if (!inner || ::mkdirat(to.get(), name, 0700) != 0) {
        return fail(Errc::kIo, "cannot copy folder '{}': {}", shown.string(), errnoText(errno));
      }
      const Descriptor target(openBeneath(to, name, O_RDONLY | O_DIRECTORY));
      return copyFolder(inner, target, depth + 1, shown);
    }
    auto source = openRegular(from, name, shown);
    if (!source) return std::unexpected(source.error());
    return copyFile(*source, to, name, shown);
  }

  Result<> copyFile(const Descriptor& source, const Descriptor& to, const char* name, const fs::path& shown) {
    struct stat status{};
    if (::fstat(source.get(), &status) != 0) {
      return fail(Errc::kIo, "cannot read '{}': {}", shown.string(), errnoText(errno));
    }
    if (status.st_nlink > 1) {
      return fail(Errc::kRefused,
                  "'{}' has {} hard links, so it may belong to somebody else; copy it into the package",
                  shown.string(), status.st_nlink);
    }
    const Descriptor target(::openat(to.get(), name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!target) return fail(Errc::kIo, "cannot write a copy of '{}': {}", shown.string(), errnoText(errno));
    return copyBytes(source, target, shown);
  }

  // sendfile moves the bytes inside the kernel; its end is the file's end, however the file changes
  // meanwhile.
  Result<> copyBytes(const Descriptor& source, const Descriptor& target, const fs::path& shown) {
    while (true) {
      const auto moved = ::sendfile(target.get(), source.get(), nullptr, std::size_t{1} << 20);
      if (moved < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (moved < 0) return fail(Errc::kIo, "cannot copy '{}': {}", shown.string(), errnoText(errno));
      if (moved == 0) break;
      bytes_ += static_cast<std::uint64_t>(moved);
      if (bytes_ > limits_.bytes) {
        return fail(Errc::kLimit, "'{}' is larger than {} bytes", shown_.string(), limits_.bytes);
      }
    }
    if (::fchmod(target.get(), 0400) != 0) {
      return fail(Errc::kIo, "cannot protect the copy of '{}': {}", shown.string(), errnoText(errno));
    }
    return {};
  }

  const CopyLimits& limits_;
  fs::path shown_;
  std::uint32_t files_ = 0;
  std::uint64_t bytes_ = 0;
};

void removeAbandoned(const fs::path& root) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    if (!entry.path().filename().string().starts_with("run-")) continue;
    const Descriptor folder(::open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    // Whoever lives holds the lock of its folder.
    if (folder && ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

PrivateCopy::~PrivateCopy() {
  std::error_code ignored;
  if (!holder_.empty()) fs::remove_all(holder_, ignored);
}

Result<Descriptor> PrivateCopy::open(std::string_view name) const {
  auto folder = openFolder(folder_);
  if (!folder) return folder;
  return openRegular(*folder, std::string(name).c_str(), folder_ / name);
}

Result<PrivateStore> PrivateStore::open(const fs::path& root) {
  std::error_code error;
  fs::create_directories(root, error);
  if (error) return fail(Errc::kIo, "cannot make folder '{}': {}", root.string(), error.message());
  const auto starting = openFolder(root);
  if (!starting) return std::unexpected(starting.error());
  // One host at a time: another must not take the new folder for an abandoned one before it is locked.
  if (::flock(starting->get(), LOCK_EX) != 0) {
    return fail(Errc::kIo, "cannot lock '{}': {}", root.string(), errnoText(errno));
  }
  removeAbandoned(root);
  std::string run = (fs::absolute(root) / "run-XXXXXX").lexically_normal().string();
  if (::mkdtemp(run.data()) == nullptr) {
    return fail(Errc::kIo, "cannot write below '{}': {}", root.string(), errnoText(errno));
  }
  auto lock = openFolder(run);
  if (!lock) return std::unexpected(lock.error());
  if (::flock(lock->get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(Errc::kIo, "cannot lock '{}': {}", run, errnoText(errno));
  }
  return PrivateStore(run, std::move(*lock));
}

PrivateStore::PrivateStore(PrivateStore&& other) noexcept
    : run_(std::exchange(other.run_, {})), lock_(std::move(other.lock_)), next_(other.next_.load()) {}

PrivateStore::~PrivateStore() {
  std::error_code ignored;
  if (!run_.empty()) fs::remove(run_, ignored);
}

Result<PrivateCopy> PrivateStore::copy(const fs::path& package, const CopyLimits& limits) const {
  auto from = openFolder(package);
  if (!from) return std::unexpected(from.error());
  const auto holder = run_ / fmt::format("{}", next_.fetch_add(1));
  // The folder keeps the package's name, so that a backtrace or a debugger shows whose code it is.
  const auto folder = holder / fs::absolute(package / ".").lexically_normal().parent_path().filename();
  if (::mkdir(holder.c_str(), 0700) != 0) {
    return fail(Errc::kIo, "cannot make folder '{}': {}", holder.string(), errnoText(errno));
  }
  PrivateCopy result(holder, folder);
  if (::mkdir(folder.c_str(), 0700) != 0) {
    return fail(Errc::kIo, "cannot make folder '{}': {}", folder.string(), errnoText(errno));
  }
  auto to = openFolder(folder);
  if (!to) return std::unexpected(to.error());
  if (auto done = TreeCopier(limits, package).copyFolder(*from, *to, 1, package); !done) {
    return std::unexpected(done.error());
  }
  return result;
}

}  // namespace revenge::module
