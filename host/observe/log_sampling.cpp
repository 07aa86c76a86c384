#include "observe/log_sampling.hpp"

namespace revenge::observe {

bool LogSampling::admits(const LogRecord& record) {
  if (rule_.first == 0 || record.level > Level::kError) return true;
  if (!leftAnythingOut() && isOver(record.time)) begin(record.time);
  key_.assign(1, static_cast<char>('0' + static_cast<int>(record.level)));
  key_.append(record.component).append(1, '\0').append(record.message);
  auto found = seen_.find(key_);
  if (found == seen_.end()) {
    if (seen_.size() == kMaxMessages) return true;
    found =
        seen_.emplace(key_, Seen{record.level, std::string(record.component), std::string(record.message)})
            .first;
  }
  Seen& seen = found->second;
  if (++seen.count <= rule_.first) return true;
  if (rule_.then_every > 0 && (seen.count - rule_.first) % rule_.then_every == 0) return true;
  ++seen.left_out;
  ++left_out_;
  return false;
}

void LogSampling::begin(base::WallTime now) {
  began_ = now;
  left_out_ = 0;
  seen_.clear();
}

}  // namespace revenge::observe
