#include "scan.hpp"

#include <cerrno>
#include <deque>
#include <memory>
#include <set>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>

#include "beneath.hpp"
#include "escape.hpp"

namespace stream {

namespace {

constexpr std::size_t kToldProblems = 5;
constexpr std::size_t kNamesBetweenQuestions = 256;
constexpr std::size_t kFirstProgress = 256;

void tell(std::vector<std::string>& list, std::string text) {
  if (list.size() < kToldProblems) list.push_back(std::move(text));
}

using Directory = std::unique_ptr<DIR, decltype([](DIR* directory) { ::closedir(directory); })>;

// One folder of the configuration.
class Walk {
 public:
  Walk(const ScanOptions& options, const ScanWatcher& watcher, ScanReport& report, std::uint32_t folder)
      : options_(options),
        watcher_(watcher),
        report_(report),
        index_(folder),
        folder_(options.folders[folder]) {}

  void run() {
    const Opened<Root> root = Root::open(folder_);
    if (!root) return tell(report_.problems, "folder " + printable(folder_) + ": " + root.error().text);
    root_ = &*root;
    folders_.emplace_back();
    while (!ended() && (!folders_.empty() || !links_.empty())) {
      if (!folders_.empty())
        readFolder(takeFirst(folders_));
      else
        followLink(takeFirst(links_));
      askWhetherCancelled();
    }
  }

 private:
  static std::string takeFirst(std::deque<std::string>& queue) {
    std::string first = std::move(queue.front());
    queue.pop_front();
    return first;
  }

  bool ended() const { return report_.cancelled || report_.truncated; }
  void askWhetherCancelled() { report_.cancelled = report_.cancelled || watcher_.cancelled(); }
  std::string shown(const std::string& path) const {
    return printable(path.empty() ? folder_ : folder_ + "/" + path);
  }

  void readFolder(const std::string& path) {
    Opened<revenge::File> opened = root_->openFolder(path);
    struct stat status = {};
    if (!opened || ::fstat(opened->descriptor(), &status) != 0) {
      // Gone since its name was read: not worth a word.
      if (!opened && (opened.error().why != OpenError::Why::kMissing || path.empty()))
        tell(report_.problems, "folder " + shown(path) + ": " + opened.error().text);
      return;
    }
    if (!seen_.emplace(status.st_dev, status.st_ino).second) return;
    const Directory directory(::fdopendir(opened->descriptor()));
    if (directory == nullptr) return tell(report_.problems, "folder " + shown(path) + ": cannot be listed");
    static_cast<void>(opened->release());
    readNames(directory.get(), path);
  }

  void readNames(DIR* directory, const std::string& path) {
    std::size_t names = 0;
    errno = 0;
    while (const dirent* found =
               ::readdir(directory)) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
      const std::string_view name = found->d_name;
      if (name != "." && name != ".." && (options_.hidden || !name.starts_with('.')))
        take(::dirfd(directory), path.empty() ? std::string(name) : path + "/" + found->d_name, *found);
      if (++names % kNamesBetweenQuestions == 0) askWhetherCancelled();
      if (ended()) return;
      errno = 0;
    }
    if (errno != 0)
      tell(report_.problems, "folder " + shown(path) + ": " + std::generic_category().message(errno));
  }

  void take(int directory, std::string path, const dirent& found) {
    const MediaType* type = mediaTypeOf(path);
    const bool isFile = found.d_type == DT_REG;
    if (isFile && type == nullptr) return;
    if (found.d_type == DT_DIR) return folders_.push_back(std::move(path));
    if (found.d_type == DT_LNK) return links_.push_back(std::move(path));
    if (!isFile && found.d_type != DT_UNKNOWN) return;
    struct stat status = {};
    if (::fstatat(directory, found.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    if (S_ISDIR(status.st_mode)) return folders_.push_back(std::move(path));
    if (S_ISLNK(status.st_mode)) return links_.push_back(std::move(path));
    if (S_ISREG(status.st_mode) && type != nullptr) add(std::move(path), status, type);
  }

  void followLink(std::string path) {
    const Opened<struct stat> target = root_->inspect(path);
    if (!target) {
      if (target.error().why == OpenError::Why::kOutside)
        tell(report_.refusals, "link " + shown(path) + ": " + target.error().text);
      return;
    }
    const MediaType* type = mediaTypeOf(path);
    if (S_ISDIR(target->st_mode))
      folders_.push_back(std::move(path));
    else if (S_ISREG(target->st_mode) && type != nullptr)
      add(std::move(path), *target, type);
  }

  void add(std::string path, const struct stat& status, const MediaType* type) {
    if (report_.entries.size() >= options_.maxFiles) {
      report_.truncated = true;
      return tell(report_.problems, "more than " + std::to_string(options_.maxFiles) +
                                        " media files (max_files): the others are not listed");
    }
    const Fingerprint id = idOf(folder_, path);
    report_.entries.push_back({id, index_, std::move(path), static_cast<std::uint64_t>(status.st_size),
                               status.st_mtim.tv_sec, type});
    // Doubling keeps the work of all reports together within that of the last.
    const std::size_t count = report_.entries.size();
    if (count >= kFirstProgress && (count & (count - 1)) == 0) watcher_.progress(report_.entries);
  }

  const ScanOptions& options_;
  const ScanWatcher& watcher_;
  ScanReport& report_;
  const std::uint32_t index_;
  const std::string& folder_;
  const Root* root_ = nullptr;
  std::deque<std::string> folders_;
  std::deque<std::string> links_;
  std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace

ScanReport scan(const ScanOptions& options, const ScanWatcher& watcher) {
  ScanReport report;
  for (std::uint32_t folder = 0; folder < options.folders.size(); ++folder) {
    if (report.cancelled || report.truncated) break;
    Walk(options, watcher, report, folder).run();
  }
  return report;
}

bool isHidden(std::string_view path) { return path.starts_with('.') || path.contains("/."); }

}  // namespace stream
