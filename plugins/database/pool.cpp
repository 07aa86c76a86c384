#include "pool.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace database {

namespace {

std::string seconds(Duration time) {
  return fmt::format("{:.1f} s", std::chrono::duration<double>(time).count());
}

}  // namespace

Connection* Pool::Lent::operator->() const { return slot_->connection.get(); }

Pool::Pool(PoolOptions options, PoolParts parts)
    : options_(std::move(options)),
      parts_(std::move(parts)),
      backoff_(options_.first_backoff),
      random_(static_cast<std::minstd_rand::result_type>(parts_.seed)),
      spread_(std::uniform_real_distribution<double>(0, 1)(random_)) {}

Pool::~Pool() { close(); }

Result<Pool::Lent> Pool::acquire(const Limit& limit, std::string_view borrower) {
  std::unique_lock lock(mutex_);
  // A connection that does not answer is replaced; so often at most, as there can be such.
  for (std::size_t tries = 0; tries <= options_.max && !closed_ && waiters_.empty() && !idle_.empty();
       ++tries) {
    std::unique_ptr<Slot> slot = std::move(idle_.back());
    idle_.pop_back();
    lock.unlock();
    const Verdict verdict = judge(*slot);
    if (verdict == Verdict::kGood) {
      lock.lock();
      return lend(std::move(slot), borrower);
    }
    discard(std::move(slot), verdict);
    lock.lock();
  }
  if (closed_) return fail(Errc::kGone, "the database is being closed");

  Waiter self;
  const auto place = waiters_.insert(waiters_.end(), &self);
  const Instant begun = parts_.time.now();
  if (mayConnect()) {
    ++open_;
    ++connecting_;
    lock.unlock();
    connectElsewhere();
    lock.lock();
  } else if (trouble_ && lent_.empty()) {
    waiters_.erase(place);
    return std::unexpected(*trouble_);
  }
  // Looked at again in short steps, so that a caller who has gone away does not keep its place.
  while (!self.given && !self.refused && !limit.isGivenUp()) {
    const Instant now = parts_.time.now();
    if (now >= limit.deadline()) break;
    constexpr std::chrono::milliseconds kLook(50);
    parts_.time.wait(self.changed, lock, std::min<Instant>(limit.deadline(), now + kLook));
  }
  if (self.given) {
    ++stats_.waited;
    stats_.waited_for += parts_.time.now() - begun;
    return lend(std::move(self.given), borrower);
  }
  if (self.refused) return std::unexpected(std::move(*self.refused));
  waiters_.erase(place);
  if (limit.isGivenUp()) return fail(Errc::kCancelled, "nobody waits for the statement any more");
  ++stats_.timed_out;
  return std::unexpected(exhausted());
}

// Without the lock: it may ask the server.
Pool::Verdict Pool::judge(Slot& slot) {
  const Instant now = parts_.time.now();
  if (now >= slot.expires) return Verdict::kExpired;
  Instant suspect;
  {
    const std::lock_guard lock(mutex_);
    suspect = suspect_since_;
  }
  if (now - slot.used <= options_.ping_after && slot.used >= suspect) return Verdict::kGood;
  const Limit limit(now + options_.ping_limit);
  const bool answers = slot.connection->ping(limit).has_value() && !slot.connection->isBroken();
  return answers ? Verdict::kGood : Verdict::kBroken;
}

// Without the lock: closing may wait for the server. The slot counts until that is done.
void Pool::discard(std::unique_ptr<Slot> slot, Verdict why) {
  slot.reset();
  std::unique_lock lock(mutex_);
  --open_;
  if (why == Verdict::kBroken) {
    ++stats_.closed_broken;
    suspect_since_ = parts_.time.now();
  } else {
    ++stats_.closed_lifetime;
  }
  if (open_ == 0) emptied_.notify_all();
  if (waiters_.empty() || !mayConnect()) return;
  ++open_;
  ++connecting_;
  lock.unlock();
  connectElsewhere();
}

bool Pool::mayConnect() const {
  if (closed_ || open_ >= options_.max || connecting_ >= waiters_.size()) return false;
  return !trouble_ || (connecting_ == 0 && parts_.time.now() >= next_probe_);
}

// Its slot is counted already.
void Pool::connectElsewhere() {
  const bool runs = parts_.elsewhere([this] {
    const Limit limit(parts_.time.now() + options_.connect_limit);
    connected(parts_.connect(limit));
  });
  if (!runs) connected(fail(Errc::kGone, "the database is being closed"));
}

void Pool::connected(Result<std::unique_ptr<Connection>> made) {
  std::unique_ptr<Slot> slot;
  if (made) {
    slot = std::make_unique<Slot>();
    slot->connection = std::move(*made);
  }
  std::unique_lock lock(mutex_);
  --connecting_;
  const Instant now = parts_.time.now();
  if (slot) {
    ++stats_.opened;
    trouble_.reset();
    backoff_ = options_.first_backoff;
    // Steps of the golden ratio spread however many there are more evenly than chance does.
    constexpr double kGoldenRatio = 0.6180339887498949;
    spread_ = std::fmod(spread_ + kGoldenRatio, 1.0);
    const auto earlier = std::chrono::duration_cast<Duration>(options_.lifetime * (0.1 * spread_));
    slot->expires = now + options_.lifetime - earlier;
    slot->used = now;
    return handOut(std::move(slot), lock);
  }
  --open_;
  ++stats_.failed;
  trouble_ = made.error();
  next_probe_ = now + backoff_ +
                Duration(std::uniform_int_distribution<std::int64_t>(0, backoff_.count() / 10)(random_));
  backoff_ = std::min(backoff_ * 2, options_.longest_backoff);
  // Whoever waits can still be served by a connection that comes back.
  if (open_ > 0) return;
  emptied_.notify_all();
  for (Waiter* const waiter : waiters_) {
    waiter->refused = *trouble_;
    waiter->changed.notify_one();
  }
  waiters_.clear();
}

// To whoever waits longest, else to the idle ones. Releases the lock.
void Pool::handOut(std::unique_ptr<Slot> slot, std::unique_lock<std::mutex>& lock) {
  if (closed_) {
    lock.unlock();
    return discard(std::move(slot), Verdict::kExpired);
  }
  if (waiters_.empty()) {
    idle_.push_back(std::move(slot));
    return;
  }
  Waiter* const first = waiters_.front();
  waiters_.pop_front();
  first->given = std::move(slot);
  first->changed.notify_one();
}

Pool::Lent Pool::lend(std::unique_ptr<Slot> slot, std::string_view borrower) {
  slot->borrower = borrower;
  slot->lent = parts_.time.now();
  slot->told = false;
  slot->position = lent_.insert(lent_.end(), slot.get());
  ++stats_.acquired;
  return {*this, std::move(slot)};
}

void Pool::giveBack(std::unique_ptr<Slot> slot) {
  Connection& connection = *slot->connection;
  bool usable = !connection.isBroken();
  if (usable && connection.isInTransaction()) {
    const Limit limit(parts_.time.now() + options_.ping_limit);
    usable =
        connection.rollback(limit).has_value() && !connection.isInTransaction() && !connection.isBroken();
  }
  std::unique_lock lock(mutex_);
  lent_.erase(slot->position);
  slot->used = parts_.time.now();
  if (usable && slot->used < slot->expires) return handOut(std::move(slot), lock);
  lock.unlock();
  discard(std::move(slot), usable ? Verdict::kExpired : Verdict::kBroken);
}

void Pool::tend() {
  std::vector<std::unique_ptr<Slot>> ended;
  std::vector<std::pair<std::string, Duration>> leaks;
  std::size_t lacking = 0;
  {
    const std::lock_guard lock(mutex_);
    const Instant now = parts_.time.now();
    std::size_t spare = open_ > options_.min ? open_ - options_.min : 0;
    std::vector<std::unique_ptr<Slot>> kept;
    for (auto& slot : idle_) {  // the stalest first
      const bool expired = now >= slot->expires;
      const bool unused = spare > 0 && now - slot->used >= options_.idle;
      if (unused || expired) {
        ++(expired ? stats_.closed_lifetime : stats_.closed_idle);
        if (spare > 0) --spare;
        ended.push_back(std::move(slot));
      } else {
        kept.push_back(std::move(slot));
      }
    }
    idle_ = std::move(kept);
    for (Slot* const slot : lent_) {
      if (now - slot->lent < options_.leak_after) break;
      if (std::exchange(slot->told, true)) continue;
      leaks.emplace_back(slot->borrower, now - slot->lent);
    }
    const std::size_t remaining = open_ - ended.size();
    if (trouble_)
      lacking = connecting_ == 0 && now >= next_probe_ && remaining < options_.max ? 1 : 0;
    else if (remaining < options_.min)
      lacking = options_.min - remaining;
    if (closed_) lacking = 0;
  }
  const std::size_t count = ended.size();
  ended.clear();
  {
    const std::lock_guard lock(mutex_);
    open_ -= count;
    open_ += lacking;
    connecting_ += lacking;
    if (open_ == 0) emptied_.notify_all();
  }
  for (; lacking > 0; --lacking) connectElsewhere();
  for (const auto& [borrower, age] : leaks) parts_.leaked(borrower, age);
}

void Pool::suspectIdle() {
  const std::lock_guard lock(mutex_);
  suspect_since_ = parts_.time.now();
}

void Pool::expectSuccess() {
  const std::lock_guard lock(mutex_);
  next_probe_ = parts_.time.now();
}

void Pool::close() {
  std::vector<std::unique_ptr<Slot>> ended;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    ended.swap(idle_);
    for (Waiter* const waiter : waiters_) {
      waiter->refused = revenge::Error(Errc::kGone, "the database is being closed");
      waiter->changed.notify_one();
    }
    waiters_.clear();
  }
  const std::size_t count = ended.size();
  ended.clear();
  const std::lock_guard lock(mutex_);
  open_ -= count;
  if (open_ == 0) emptied_.notify_all();
}

bool Pool::awaitEmpty(Instant until) {
  std::unique_lock lock(mutex_);
  while (open_ > 0 && parts_.time.now() < until) parts_.time.wait(emptied_, lock, until);
  return open_ == 0;
}

PoolStats Pool::stats() const {
  const std::lock_guard lock(mutex_);
  PoolStats stats = stats_;
  stats.open = open_;
  stats.idle = idle_.size();
  stats.busy = lent_.size();
  stats.waiting = waiters_.size();
  return stats;
}

std::string Pool::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_ ? trouble_->message : std::string();
}

std::string Pool::oldestHolder() const {
  const std::lock_guard lock(mutex_);
  return holder();
}

std::string Pool::holder() const {
  if (lent_.empty()) return {};
  const Slot& oldest = *lent_.front();
  return fmt::format("{} for {}", oldest.borrower, seconds(parts_.time.now() - oldest.lent));
}

revenge::Error Pool::exhausted() const {
  if (trouble_) return {Errc::kUnavailable, trouble_->message};
  const std::string oldest = holder();
  return {
      Errc::kLimit,
      fmt::format("pool_timeout: no connection became free in time, {} of {} {} are busy{}{}", lent_.size(),
                  options_.max, options_.name, oldest.empty() ? "" : "; held longest by ", oldest)};
}

}  // namespace database
