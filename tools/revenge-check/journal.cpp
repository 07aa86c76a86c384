#include "revenge-check/journal.hpp"

#include <algorithm>
#include <new>

#include <sys/mman.h>

namespace revenge::check {
namespace {

constexpr std::size_t kLongest = 1000;

std::int64_t nowNs() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

template <std::size_t kSize>
void copyTo(std::array<char, kSize>& into, std::string_view text) {
  const auto length = std::min(text.size(), kSize - 1);
  std::copy_n(text.begin(), length, into.begin());
  into[length] = '\0';
}

// Of this process: a child has one journal.
thread_local int slot = -1;
thread_local int depth = 0;

}  // namespace

Journal* Journal::make() {
  void* memory = ::mmap(nullptr, sizeof(Journal), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return new (memory) Journal();
}

void Journal::end(Journal* journal) { ::munmap(journal, sizeof(Journal)); }

void Journal::found(std::string_view finding) { say('F', finding); }
void Journal::note(std::string_view note) { say('N', note); }
void Journal::notRun(std::string_view why) { say('-', why); }

void Journal::say(char kind, std::string_view text) {
  text = text.substr(0, kLongest);
  const auto size = static_cast<std::uint32_t>(text.size() + 2);
  const auto at = used_.fetch_add(size);
  if (at + size > text_.size()) return;
  text_[at] = kind;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    text_[at + 1 + i] = c < 0x20 || c == 0x7f ? ' ' : text[i];
  }
  text_[at + size - 1] = '\n';
}

Journal::Phase& Journal::mine() {
  if (slot < 0) slot = static_cast<int>(threads_.fetch_add(1) % kThreads);
  return phases_[static_cast<std::size_t>(slot)];
}

void Journal::entered(std::string_view phase, std::chrono::nanoseconds limit) {
  if (depth++ > 0) return;
  auto& at = mine();
  copyTo(at.text, phase);
  at.limit = limit.count();
  at.since = nowNs();
}

void Journal::left() {
  if (--depth == 0) mine().since = 0;
}

void Journal::called(std::string_view function) { copyTo(call_, function); }

void Journal::crashed() {
  if (slot >= 0) crashed_ = slot;
}

void Journal::terminated(std::string_view why) {
  copyTo(why_, why);
  crashed();
}

Journal::Said Journal::said() const {
  Said said;
  const std::size_t used = std::min<std::size_t>(used_, text_.size());
  std::string_view rest(text_.data(), used);
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    const std::string text(line.empty() ? line : line.substr(1));
    if (line.starts_with('F') && std::ranges::find(said.findings, text) == said.findings.end())
      said.findings.push_back(text);
    if (line.starts_with('N') && std::ranges::find(said.notes, text) == said.notes.end())
      said.notes.push_back(text);
    if (line.starts_with('-')) said.notRun = text;
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return said;
}

Journal::Where Journal::read(const Phase& phase) {
  return {phase.text.data(), std::chrono::nanoseconds(phase.limit)};
}

Journal::Where Journal::where() const {
  if (crashed_ >= 0 && phases_[static_cast<std::size_t>(crashed_)].since != 0)
    return read(phases_[static_cast<std::size_t>(crashed_)]);
  for (const auto& phase : phases_)
    if (phase.since != 0) return read(phase);
  return {};
}

std::string Journal::lastCall() const { return call_.data(); }
std::string Journal::why() const { return why_.data(); }

std::array<Journal::Stay, Journal::kThreads> Journal::stays() const {
  std::array<Stay, kThreads> stays;
  for (std::size_t i = 0; i < kThreads; ++i) {
    const auto since = phases_.at(i).since.load();
    auto where = read(phases_.at(i));
    // Left while it was read: the text may be another's.
    if (since != 0 && phases_.at(i).since == since) stays.at(i) = {since, std::move(where)};
  }
  return stays;
}

}  // namespace revenge::check
