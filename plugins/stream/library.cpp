#include "library.hpp"

#include <algorithm>
#include <filesystem>

#include "escape.hpp"

namespace stream {

namespace {

// Without "." and "//" and slashes at the end.
std::string normal(const std::string& folder) {
  std::string path = std::filesystem::path(folder).lexically_normal().string();
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

bool isWithin(const std::string& inner, const std::string& outer) {
  return inner == outer || outer == "/" || inner.starts_with(outer + "/");
}

// The entries of `from` that `options` still allow.
CataloguePtr restricted(const Catalogue& from, const ScanOptions& options) {
  std::vector<Entry> kept;
  for (const Entry& entry : from.entries()) {
    const auto folder = std::ranges::find(options.folders, from.folderOf(entry));
    if (folder == options.folders.end() || kept.size() >= options.maxFiles) continue;
    if (!options.hidden && isHidden(entry.path)) continue;
    Entry& copy = kept.emplace_back(entry);
    copy.folder = static_cast<std::uint32_t>(folder - options.folders.begin());
  }
  return std::make_shared<const Catalogue>(options.folders, std::move(kept));
}

}  // namespace

std::expected<void, std::string> checkFolders(const std::vector<std::string>& folders) {
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const std::string& folder = folders[i];
    const std::string key = "folders/" + std::to_string(i) + ": ";
    if (!folder.starts_with('/') || folder.contains('\0'))
      return std::unexpected(key + "expected an absolute path, got '" + printable(folder) + "'");
    for (std::size_t k = 0; k < folders.size(); ++k)
      if (k != i && isWithin(normal(folder), normal(folders[k])))
        return std::unexpected(key + "'" + printable(folder) + "' lies within folders/" + std::to_string(k) +
                               ", whose files it would list twice; remove one of them");
  }
  return {};
}

void Library::use(ScanOptions options) {
  const std::lock_guard lock(mutex_);
  if (options == options_) return;
  ++revision_;
  options_ = std::move(options);
  catalogue_ = restricted(*catalogue_, options_);
  problems_.clear();
}

std::optional<Library::Scanned> Library::scan(const std::function<bool()>& cancelled) {
  std::optional<Scanned> result;
  while (const std::optional<Attempt> attempt = beginScan()) {
    ScanReport report = stream::scan(
        attempt->options,
        {.cancelled = [&] { return cancelled() || isOutdated(attempt->revision); },
         .progress = [&](const std::vector<Entry>& entries) { publishPartial(*attempt, entries); }});
    if (!report.cancelled) result = publish(*attempt, std::move(report));
    if (!endScan() || cancelled()) break;
  }
  return result;
}

std::optional<Library::Attempt> Library::beginScan() {
  const std::lock_guard lock(mutex_);
  again_ = scanning_;
  if (scanning_) return std::nullopt;
  scanning_ = true;
  return Attempt{options_, revision_};
}

bool Library::endScan() {
  const std::lock_guard lock(mutex_);
  scanning_ = false;
  return std::exchange(again_, false);
}

bool Library::isOutdated(std::uint64_t revision) const {
  const std::lock_guard lock(mutex_);
  return revision_ != revision;
}

void Library::publishPartial(const Attempt& attempt, const std::vector<Entry>& entries) {
  if (isComplete()) return;
  auto catalogue = std::make_shared<const Catalogue>(attempt.options.folders, entries);
  const std::lock_guard lock(mutex_);
  if (revision_ == attempt.revision) catalogue_ = std::move(catalogue);
}

std::optional<Library::Scanned> Library::publish(const Attempt& attempt, ScanReport report) {
  Scanned scanned{
      std::make_shared<const Catalogue>(attempt.options.folders, std::move(report.entries)), {}, {}};
  const std::lock_guard lock(mutex_);
  if (revision_ != attempt.revision) return std::nullopt;
  catalogue_ = scanned.catalogue;
  if (problems_ != report.problems) scanned.problems = report.problems;
  if (refusals_ != report.refusals) scanned.refusals = report.refusals;
  problems_ = std::move(report.problems);
  refusals_ = std::move(report.refusals);
  complete_ = true;
  completed_.notify_all();
  return scanned;
}

CataloguePtr Library::catalogue() const {
  const std::lock_guard lock(mutex_);
  return catalogue_;
}

CataloguePtr Library::catalogueSoon(std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  completed_.wait_for(lock, patience, [this] { return complete_; });
  return catalogue_;
}

bool Library::isComplete() const {
  const std::lock_guard lock(mutex_);
  return complete_;
}

std::vector<std::string> Library::problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

Opened<revenge::File> Library::open(const Catalogue& catalogue, const Entry& entry, Wait wait) {
  const Opened<Root> root = Root::open(catalogue.folderOf(entry), wait);
  if (!root) return std::unexpected(root.error());
  return root->openFile(entry.path, wait);
}

void Library::save(StateWriter& out) const {
  const CataloguePtr catalogue = this->catalogue();
  out.number(isComplete() ? 1 : 0);
  out.number(catalogue->folders().size());
  for (const std::string& folder : catalogue->folders()) out.text(folder);
  out.number(catalogue->entries().size());
  for (const Entry& entry : catalogue->entries()) {
    out.number(entry.folder);
    out.text(entry.path);
    out.number(entry.size);
    out.number(static_cast<std::uint64_t>(entry.modified_s));
  }
}

bool Library::restore(StateReader& in) {
  const bool complete = in.number() == 1;
  std::vector<std::string> folders;
  for (std::uint64_t left = in.number(); left > 0 && in.good(); --left) folders.push_back(in.text());
  std::vector<Entry> entries;
  for (std::uint64_t left = in.number(); left > 0 && in.good(); --left) {
    Entry entry{{}, static_cast<std::uint32_t>(in.number()), in.text(), in.number(), 0, nullptr};
    entry.modified_s = static_cast<std::int64_t>(in.number());
    entry.type = mediaTypeOf(entry.path);
    if (!in.good() || entry.folder >= folders.size()) return false;
    entry.id = idOf(folders[entry.folder], entry.path);
    // A type that this version no longer serves.
    if (entry.type != nullptr) entries.push_back(std::move(entry));
  }
  if (!in.good()) return false;
  const std::lock_guard lock(mutex_);
  catalogue_ = restricted(Catalogue(std::move(folders), std::move(entries)), options_);
  complete_ = complete;
  return true;
}

}  // namespace stream
