#include "config/watcher.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

namespace revenge::config {

Watcher::Watcher(Places places, Sources running, WatchHandlers handlers, base::Instant now, WatchTimes times,
                 FileEvents events)
    : places_(std::move(places)),
      handlers_(std::move(handlers)),
      times_(times),
      events_(std::move(events)),
      running_(std::move(running)),
      next_poll_(now) {
  arm();
  // What became of the files between their reading and now was told to nobody, not even that they are gone.
  mark(now);
}

std::vector<std::string> Watcher::paths() const {
  std::vector<std::string> paths;
  if (places_.main) paths.push_back(*places_.main);
  if (places_.main && places_.beside == Beside::kLayers) {
    paths.insert(paths.end(), {places_.local(), places_.dropIns()});
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(places_.dropIns(), failed), end; !failed && entry != end;
         entry.increment(failed)) {
      if (paths.size() > 2 * kMaxDropIns) break;
      if (entry->path().extension() == ".yaml") paths.push_back(entry->path().string());
    }
  }
  for (const SecretFile& secret : places_.secrets) paths.push_back(secret.path);
  return paths;
}

Watcher::Signature Watcher::signature() const {
  Signature signature;
  for (const std::string& path : paths()) {
    struct stat is = {};
    if (::stat(path.c_str(), &is) != 0) continue;
    signature.push_back(fmt::format("{} {} {} {} {}.{} {}.{}", path, is.st_dev, is.st_ino, is.st_size,
                                    is.st_mtim.tv_sec, is.st_mtim.tv_nsec, is.st_ctim.tv_sec,
                                    is.st_ctim.tv_nsec));
  }
  std::ranges::sort(signature);
  return signature;
}

void Watcher::arm() {
  events_.arm(paths());
  if (trouble_ == events_.trouble()) return;
  trouble_ = events_.trouble();
  handlers_.sees(trouble_);
}

base::Instant Watcher::step(base::Instant now) {
  if (events_.drain()) mark(now);
  if (now >= next_poll_) {
    next_poll_ = now + times_.poll;
    if (!trouble_.empty()) arm();
    if (!dirty_ && signature() != seen_) mark(now);
  }
  if (dirty_ && now >= due_) settle(now);
  return dirty_ ? std::min(due_, next_poll_) : next_poll_;
}

void Watcher::mark(base::Instant now) {
  if (!dirty_) first_ = now;
  dirty_ = true;
  due_ = std::min(now + times_.debounce, first_ + times_.longest);
}

void Watcher::lookAgain(base::Instant now) {
  dirty_ = false;
  mark(now);
}

// A file that had something in it: its writer may be about to write, and if not, nobody is to lose all by a mistake.
Problems Watcher::emptied(const Sources& sources) const {
  Problems problems;
  for (const Source& source : sources) {
    if (!source.trouble.empty() || !source.text.empty()) continue;
    const auto before = std::ranges::find(running_, source.path, &Source::path);
    if (before != running_.end() && !before->text.empty())
      problems.push_back(fmt::format("{}: empty now; if that is meant, write a comment line", source.path));
  }
  return problems;
}

bool Watcher::hasLost(const Sources& sources) const {
  return std::ranges::any_of(running_, [&](const Source& before) {
    return std::ranges::find(sources, before.path, &Source::path) == sources.end();
  });
}

// Armed first, read afterwards: what changes in between is told.
void Watcher::settle(base::Instant now) {
  arm();
  seen_ = signature();
  const Sources sources = readSources(places_);
  dirty_ = false;
  const bool second_look = std::exchange(doubted_, false);
  // Put back after a refusal it is taken again, so that everybody hears that all is well.
  if (sources == running_ && refused_.empty()) return;
  Problems problems = emptied(sources);
  if (problems.empty()) problems = handlers_.check(sources);
  if (!second_look && (!problems.empty() || hasLost(sources))) {
    doubted_ = true;
    return lookAgain(now);
  }
  if (!problems.empty()) {
    if (sources != refused_) handlers_.refuse(problems);
    refused_ = sources;
    return;
  }
  if (handlers_.take(sources) == Taken::kNotNow) {
    doubted_ = second_look;
    return lookAgain(now);
  }
  refused_.clear();
  running_ = sources;
}

}  // namespace revenge::config
