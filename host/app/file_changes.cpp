#include "app/file_changes.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include <unistd.h>

namespace revenge::app {

namespace {

constexpr mode_t kAnyMode = 0777;

const config::Source* at(const config::Sources& sources, const std::string& path) {
  const auto found = std::ranges::find(sources, path, &config::Source::path);
  return found != sources.end() && found->kind != config::SourceKind::kSecret ? &*found : nullptr;
}

}  // namespace

base::Result<FileChanges> FileChanges::prepare(const config::Sources& on_disk, const config::Sources& next,
                                               mode_t at_most) {
  FileChanges changes;
  changes.on_disk_ = on_disk;
  for (const config::Source& source : next) {
    if (source.kind == config::SourceKind::kSecret) continue;
    const config::Source* const before = at(on_disk, source.path);
    if (before != nullptr && before->trouble.empty() && before->text == source.text) continue;
    std::error_code failed;  // told by what comes next
    std::filesystem::create_directories(std::filesystem::path(source.path).parent_path(), failed);
    auto written = base::Replacement::write(source.path, source.text, at_most);
    if (!written) return std::unexpected(written.error());
    changes.puts_.push_back({source.path, std::move(*written)});
    changes.files_.push_back(source.path);
  }
  for (const config::Source& source : on_disk) {
    if (source.kind == config::SourceKind::kSecret || at(next, source.path) != nullptr) continue;
    changes.removals_.push_back(source.path);
    changes.files_.push_back(source.path);
  }
  return changes;
}

void FileChanges::spare(const config::Sources& known) {
  for (const std::string& path : files_) {
    const config::Source* const before = at(on_disk_, path);
    const config::Source* const other = at(known, path);
    if (before == nullptr || !before->trouble.empty()) continue;
    if (other == nullptr || other->text != before->text) spared_.push_back(*before);
  }
}

base::Result<> FileChanges::keepCopy(const config::Source& source) {
  constexpr mode_t kMode = 0600;
  const std::string copy = source.path + ".replaced";
  if (auto kept = base::replaceFile(copy, source.text, kMode); !kept) return kept;
  copies_.push_back(copy);
  return {};
}

base::Result<> FileChanges::commit() {
  for (const config::Source& source : spared_) {
    if (auto kept = keepCopy(source); !kept) return kept;
  }
  base::Result<> done;
  std::vector<std::string> changed;
  for (Put& put : puts_) {
    if (done = put.replacement.commit(); !done) break;
    changed.push_back(put.path);
  }
  for (const std::string& path : removals_) {
    if (!done) break;
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      done = base::fail(base::Errc::kIo, "{}: cannot be removed: {}", path, base::errnoText(errno));
    changed.push_back(path);
  }
  if (done) return done;
  for (const std::string& path : changed) {
    const config::Source* const before = at(on_disk_, path);
    if (before != nullptr) {
      (void)base::replaceFile(path, before->text, kAnyMode);
    } else {
      (void)::unlink(path.c_str());
    }
  }
  return done;
}

}  // namespace revenge::app
