#include "config/history.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <ranges>
#include <sstream>
#include <utility>

#include "base/replace_file.hpp"
#include "document/json.hpp"

namespace revenge::config {
namespace {

using document::Value;

constexpr mode_t kMode = 0600;
constexpr document::Limits kLimits{
    .maxBytes = std::size_t{256} << 20U, .maxDepth = 10, .maxValues = 1'000'000};
constexpr std::string_view kKinds[] = {"main", "local", "drop-in"};

double seconds(base::WallTime at) { return std::chrono::duration<double>(at.time_since_epoch()).count(); }
base::WallTime wall(const Value& seconds) {
  constexpr double kFurthest = 1e10;
  const double since = std::clamp(seconds.number().value_or(0), 0.0, kFurthest);
  return base::WallTime(
      std::chrono::duration_cast<base::WallTime::duration>(std::chrono::duration<double>(since)));
}

Value textsOf(const std::vector<std::string>& texts) {
  document::Array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

std::string textAt(const Value& object, std::string_view key) {
  const Value* const found = object.find(key);
  return found != nullptr && found->text() != nullptr ? *found->text() : "";
}

std::vector<std::string> textsAt(const Value& object, std::string_view key) {
  std::vector<std::string> texts;
  const Value* const found = object.find(key);
  if (found == nullptr || found->array() == nullptr) return texts;
  for (const Value& item : *found->array()) {
    if (item.text() != nullptr) texts.push_back(*item.text());
  }
  return texts;
}

Value valueOf(const Kept& kept) {
  document::Array files;
  for (const KeptFile& file : kept.files) {
    Value one{document::Object()};
    one.set("kind", kKinds[static_cast<std::size_t>(file.kind)]);
    if (!file.name.empty()) one.set("name", file.name);
    one.set("text", file.text);
    files.push_back(std::move(one));
  }
  Value value{document::Object()};
  value.set("number", kept.number);
  value.set("at", seconds(kept.at));
  value.set("by", kept.by);
  value.set("changed", textsOf(kept.changed));
  value.set("files", std::move(files));
  return value;
}

// A name leads nowhere but into the folder of the drop-ins.
std::optional<KeptFile> fileOf(const Value& value) {
  const std::string kind = textAt(value, "kind");
  const auto* const found = std::ranges::find(kKinds, kind);
  const std::string name = textAt(value, "name");
  const bool of_folder = kind == kKinds[static_cast<std::size_t>(SourceKind::kDropIn)];
  const bool misleads = name.contains('/') || name.starts_with('.') || name.empty() == of_folder;
  if (found == std::end(kKinds) || misleads) return std::nullopt;
  return KeptFile{static_cast<SourceKind>(found - std::begin(kKinds)), name, textAt(value, "text")};
}

std::optional<Kept> keptOf(const Value& value) {
  const Value* const number = value.find("number");
  const Value* const files = value.find("files");
  const std::int64_t counted = number != nullptr ? number->integer().value_or(0) : 0;
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  if (counted < 1 || counted > kMost || files == nullptr || files->array() == nullptr) return std::nullopt;
  Kept kept{static_cast<std::uint64_t>(counted), {}, textAt(value, "by"), textsAt(value, "changed"), {}};
  if (const Value* const at = value.find("at")) kept.at = wall(*at);
  for (const Value& each : *files->array()) {
    auto file = fileOf(each);
    if (!file) return std::nullopt;
    kept.files.push_back(std::move(*file));
  }
  return kept;
}

std::optional<std::map<std::uint64_t, Kept>> allOf(const Value& root) {
  std::map<std::uint64_t, Kept> all;
  const Value* const kept = root.find("kept");
  if (kept == nullptr || kept->array() == nullptr) return std::nullopt;
  for (const Value& each : *kept->array()) {
    auto one = keptOf(each);
    if (!one) return std::nullopt;
    all.insert_or_assign(one->number, std::move(*one));
  }
  return all;
}

}  // namespace

std::vector<KeptFile> keptFiles(const Sources& sources) {
  std::vector<KeptFile> files;
  for (const Source& source : sources) {
    if (source.kind == SourceKind::kSecret) continue;
    const bool named = source.kind == SourceKind::kDropIn;
    files.push_back({source.kind,
                     named ? std::filesystem::path(source.path).filename().string() : std::string(),
                     source.text});
  }
  return files;
}

Sources sourcesOf(const std::vector<KeptFile>& files, const Places& places) {
  Sources sources;
  for (const KeptFile& file : files) {
    std::string path = *places.main;
    if (file.kind == SourceKind::kLocal) path = places.local();
    if (file.kind == SourceKind::kDropIn)
      path = (std::filesystem::path(places.dropIns()) / file.name).string();
    sources.push_back({file.kind, std::move(path), file.text, {}});
  }
  return sources;
}

History::History(std::filesystem::path file) : file_(std::move(file)) { read(); }

void History::read() {
  std::ifstream in(file_, std::ios::binary);
  if (!in) {
    std::error_code failed;
    if (std::filesystem::exists(file_, failed))
      trouble_ = fmt::format("{}: cannot be read: {}", file_.string(), base::errnoText(errno));
    return;
  }
  std::ostringstream text;
  text << in.rdbuf();
  const auto root = document::parseJson(text.str(), file_.string(), kLimits);
  auto all = root ? allOf(*root) : std::nullopt;
  if (!all) {
    const std::filesystem::path aside = file_.string() + ".damaged";
    std::error_code failed;
    std::filesystem::rename(file_, aside, failed);
    trouble_ = fmt::format("{}: no history of configurations: {}; set aside as {}, a new one begins",
                           file_.string(), root ? "keys are missing" : root.error().message, aside.string());
    return;
  }
  kept_ = std::move(*all);
  const Value* const refused = root->find("refused");
  if (refused == nullptr || refused->object() == nullptr) return;
  refused_ = RefusedCandidate{{}, textAt(*refused, "by"), textsAt(*refused, "reasons")};
  if (const Value* const at = refused->find("at")) refused_->at = wall(*at);
}

void History::writeLocked() {
  document::Array all;
  for (const auto& [number, kept] : kept_) all.push_back(valueOf(kept));
  Value root{document::Object()};
  root.set("kept", std::move(all));
  if (refused_) {
    Value refused{document::Object()};
    refused.set("at", seconds(refused_->at));
    refused.set("by", refused_->by);
    refused.set("reasons", textsOf(refused_->reasons));
    root.set("refused", std::move(refused));
  }
  const auto written = base::replaceFile(file_, document::writeJson(root) + "\n", kMode);
  trouble_ = written ? std::string() : written.error().message;
}

std::uint64_t History::begin(base::WallTime now, const Sources& sources) {
  {
    const std::lock_guard lock(mutex_);
    if (!kept_.empty() && kept_.rbegin()->second.files == keptFiles(sources)) return kept_.rbegin()->first;
  }
  return record(now, "start", {}, sources);
}

std::uint64_t History::record(base::WallTime now, std::string by, std::vector<std::string> changed,
                              const Sources& sources) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = kept_.empty() ? 1 : kept_.rbegin()->first + 1;
  kept_.emplace(number, Kept{number, now, std::move(by), std::move(changed), keptFiles(sources)});
  if (kept_.size() > kKept) kept_.erase(kept_.begin());
  refused_.reset();
  writeLocked();
  return number;
}

void History::settle() {
  const std::lock_guard lock(mutex_);
  if (!refused_) return;
  refused_.reset();
  writeLocked();
}

void History::refuse(base::WallTime now, std::string by, std::vector<std::string> reasons) {
  const std::lock_guard lock(mutex_);
  refused_ = RefusedCandidate{now, std::move(by), std::move(reasons)};
  writeLocked();
}

std::string History::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::uint64_t History::number() const {
  const std::lock_guard lock(mutex_);
  return kept_.empty() ? 0 : kept_.rbegin()->first;
}

std::vector<Kept> History::kept() const {
  const std::lock_guard lock(mutex_);
  std::vector<Kept> kept;
  for (const auto& [number, one] : kept_ | std::views::reverse) kept.push_back(one);
  return kept;
}

std::optional<Kept> History::of(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(number);
  return found != kept_.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<RefusedCandidate> History::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

}  // namespace revenge::config
