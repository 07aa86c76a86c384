#include "module/probe_cache.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>

#include "document/json.hpp"
#include "module/beneath.hpp"

namespace revenge::module {
namespace {

using base::Errc;
using base::errnoText;
using base::fail;
using base::Result;
using document::Value;

constexpr std::size_t kMaxEntries = 512;
constexpr std::size_t kMaxBytes = std::size_t{4} * 1024 * 1024;

Result<> writeAtomically(const std::filesystem::path& file, std::string_view text) {
  const auto temporary = file.string() + ".new";
  {
    const Descriptor out(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!out) return fail(Errc::kIo, "cannot write '{}': {}", temporary, errnoText(errno));
    // Not synced: losing the file costs a few probes.
    const auto wrote = ::write(out.get(), text.data(), text.size());
    if (wrote != static_cast<ssize_t>(text.size())) {
      const int error = wrote < 0 ? errno : ENOSPC;
      ::unlink(temporary.c_str());
      return fail(Errc::kIo, "cannot write '{}': {}", temporary, errnoText(error));
    }
  }
  if (::rename(temporary.c_str(), file.c_str()) != 0) {
    return fail(Errc::kIo, "cannot replace '{}': {}", file.string(), errnoText(errno));
  }
  return {};
}

}  // namespace

ProbeCache::ProbeCache(std::filesystem::path file, std::string hostBuild)
    : file_(std::move(file)), hostBuild_(std::move(hostBuild)) {
  const Descriptor in(::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!in || hostBuild_.empty()) return;
  const auto text = readWhole(in, kMaxBytes, file_);
  const auto root = text ? document::parseJson(*text, file_.string(), {.maxBytes = kMaxBytes})
                         : Result<Value>(std::unexpected(text.error()));
  if (!root) return;
  const auto* host = root->find("host");
  const auto* reports = root->find("reports");
  if (host == nullptr || host->text() == nullptr || *host->text() != hostBuild_) return;
  if (reports == nullptr || reports->object() == nullptr) return;
  for (const auto& [sha256, value, at] : *reports->object()) {
    if (auto report = probeReportFromJson(document::writeJson(value))) {
      entries_.push_back({.sha256 = sha256, .report = std::move(*report)});
    }
  }
}

std::optional<ProbeReport> ProbeCache::find(const std::string& sha256) const {
  const std::lock_guard lock(mutex_);
  const auto entry = std::ranges::find(entries_, sha256, &Entry::sha256);
  return entry == entries_.end() ? std::nullopt : std::optional(entry->report);
}

Result<> ProbeCache::keep(const std::string& sha256, const ProbeReport& report) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const Entry& entry) { return entry.sha256 == sha256; });
  if (entries_.size() >= kMaxEntries) entries_.erase(entries_.begin());
  entries_.push_back({.sha256 = sha256, .report = report});
  if (hostBuild_.empty()) return {};  // a host that cannot be told from another keeps nothing across its life
  Value reports{document::Object{}};
  for (const auto& entry : entries_) {
    reports.set(entry.sha256, document::parseJson(toJson(entry.report), "probe report").value());
  }
  Value root;
  root.set("host", hostBuild_);
  root.set("reports", std::move(reports));
  return writeAtomically(file_, document::writeJson(root));
}

}  // namespace revenge::module
