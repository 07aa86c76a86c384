// The layers behind a hedge, run once and, where that is slow, again beside it. Thread safety: as Flow.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "pipeline/operation.hpp"

namespace revenge::resilience {

template <class T, class E>
class Hedged final : public std::enable_shared_from_this<Hedged<T, E>>, Timer, Work {
 public:
  Hedged(std::shared_ptr<Operation<T, E>> operation, std::shared_ptr<RunningBody<T, E>> outer)
      : Timer([](Timer& timer, Moment) noexcept {
          auto& self = static_cast<Hedged&>(timer);
          self.posted_ = self.shared_from_this();
          self.operation_->scheduler.post(self);
        }),
        Work([](Work& work) noexcept {
          auto& self = static_cast<Hedged&>(work);
          const std::shared_ptr<Hedged> alive = std::move(self.posted_);
          self.launchMore();
        }),
        operation_(std::move(operation)),
        outer_(std::move(outer)),
        hedge_(operation_->pipeline->template get<Hedge>(outer_->end)) {}

  void begin() {
    // The attempt around it is asked to stop for all of them.
    on_stop_.emplace(outer_->attempt.stopToken(), Stop{this});
    if (hedge_.budget() != nullptr && operation_->pipeline->budgetUse(outer_->end) == BudgetUse::kCounts)
      call_place_ = hedge_.budget()->call();
    const auto delay = outer_->attempt.call().repeat == Repeat::kSafe ? hedge_.delay() : std::nullopt;
    delay_ = delay.value_or(Duration::zero());
    launch();
    if (!delay) return giveUpHedging();
    if (delay_ <= Duration::zero()) return launchMore();
    arm();
  }

 private:
  struct Stop {
    Hedged* hedged;
    void operator()() const noexcept { hedged->stopAll(); }
  };

  class Branch final : public Part<T, E> {
   public:
    Branch(std::shared_ptr<Hedged> its_hedged, const Call& its_call, std::uint32_t its_index,
           RetryBudget::RetryPlace place)
        : Part<T, E>(its_hedged->operation_, its_call),
          hedged_(std::move(its_hedged)),
          place_(std::move(place)),
          began_(hedged_->operation_->scheduler.now()),
          index_(its_index) {}
    void ended(const Ending& ending) noexcept override {
      place_.end();
      hedged_->ended(*this, ending);
    }

   private:
    friend class Hedged;
    std::shared_ptr<Hedged> hedged_;
    RetryBudget::RetryPlace place_;
    Moment began_;
    std::uint32_t index_;
  };

  void launch(RetryBudget::RetryPlace place = {}) {
    Call call = outer_->attempt.call();
    call.deadline = outer_->attempt.deadline();
    std::uint32_t index = 0;
    {
      const std::lock_guard lock(mutex_);
      if (is_decided_) return;
      index = started_++;
      ++live_;
      call.stop = stops_.emplace_back().get_token();
    }
    std::make_shared<Branch>(this->shared_from_this(), call, index, std::move(place))->begin(outer_->end + 1);
  }

  // The next one, and all of them where there is no delay between.
  void launchMore() {
    for (;;) {
      {
        const std::lock_guard lock(mutex_);
        if (is_decided_) return;
        if (started_ > hedge_.settings().max_hedges) break;
      }
      RetryBudget::RetryPlace place;
      if (hedge_.budget() != nullptr && !(place = hedge_.budget()->tryRetry())) break;
      hedge_.countHedge();
      launch(std::move(place));
      if (delay_ > Duration::zero()) return arm();
    }
    giveUpHedging();
  }

  void arm() {
    const std::lock_guard lock(mutex_);
    if (is_decided_ || started_ > hedge_.settings().max_hedges) return;
    operation_->scheduler.at(operation_->scheduler.now() + delay_, *this);
  }

  // No further attempt comes: where all have failed, that was it.
  void giveUpHedging() {
    {
      const std::lock_guard lock(mutex_);
      may_launch_ = false;
      if (is_decided_ || live_ != 0) return;
      is_decided_ = true;
    }
    decide();
  }

  void ended(Branch& branch, const Ending& ending) noexcept {
    const bool was_cancelled = ending.isRejected(RejectionKind::kCancelled);
    if (!was_cancelled) hedge_.record(operation_->scheduler.now() - branch.began_);
    {
      const std::lock_guard lock(mutex_);
      --live_;
      if (is_decided_) return;
      // With a delay the next attempt is no retry: what fails before it comes is for a retry further out.
      const bool is_last = live_ == 0 && (delay_ > Duration::zero() || !may_launch_);
      last_ = ending;
      word_ = std::move(branch.word);
      if (!ending.isSuccess() && !is_last) return;
      is_decided_ = true;
      if (ending.isSuccess() && branch.index_ != 0) hedge_.countWon();
    }
    decide();
  }

  void decide() noexcept {
    operation_->scheduler.cancel(*this);
    stopAll();
    call_place_.end();
    if (!outer_->claim()) return;
    outer_->word = std::move(word_);
    last_.attempts = started_;
    outer_->finish(last_);
  }

  void stopAll() noexcept {
    std::vector<std::stop_source> stops;
    {
      const std::lock_guard lock(mutex_);
      stops = stops_;
    }
    for (std::stop_source& stop : stops) stop.request_stop();
  }

  const std::shared_ptr<Operation<T, E>> operation_;
  const std::shared_ptr<RunningBody<T, E>> outer_;
  Hedge& hedge_;
  Duration delay_{};
  RetryBudget::CallPlace call_place_;
  std::shared_ptr<Hedged> posted_;  // itself, while its work is with the scheduler
  std::mutex mutex_;                // of what follows, up to word_
  std::vector<std::stop_source> stops_;
  std::uint32_t started_ = 0;
  std::uint32_t live_ = 0;
  bool may_launch_ = true;
  bool is_decided_ = false;
  Ending last_;
  LastWord<T, E> word_;
  std::optional<std::stop_callback<Stop>> on_stop_;
};

}  // namespace revenge::resilience
