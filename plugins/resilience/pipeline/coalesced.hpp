// The layers behind a coalescing one, run once for all who ask for the same key meanwhile. Thread safety: as Flow.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

#include "pipeline/operation.hpp"

namespace revenge::resilience {

// Its address tells results apart that have the same key and different types.
template <class T, class E>
inline constexpr char kResultTag = 0;

template <class T, class E>
class Coalesced final : public std::enable_shared_from_this<Coalesced<T, E>>,
                        public Coalescer::Follower,
                        Work {
 public:
  Coalesced(std::shared_ptr<Operation<T, E>> operation, std::shared_ptr<RunningBody<T, E>> outer)
      : Work([](Work& work) noexcept {
          auto& self = static_cast<Coalesced&>(work);
          const std::shared_ptr<Coalesced> alive = std::move(self.posted_);
          self.goOn();
        }),
        operation_(std::move(operation)),
        outer_(std::move(outer)),
        coalescer_(operation_->pipeline->template get<Coalescer>(outer_->end)),
        key_(outer_->attempt.call().key) {}

  void begin() {
    // Before it may wait: from then on others go on with it. What is stopped between the two is seen below.
    on_stop_.emplace(outer_->attempt.stopToken(), Stop{this});
    auto part = Coalescer::Part::kAlone;
    // What cannot be copied cannot be shared.
    if constexpr (kIsShareable) part = coalescer_.join(key_, &kResultTag<T, E>, this->shared_from_this());
    if (part == Coalescer::Part::kFollow) {
      if (outer_->attempt.stopRequested()) leave();
      return;
    }
    if (part == Coalescer::Part::kLead) is_leader_ = true;
    launch();
  }

  void receive(const void* word, const Ending& ending) noexcept override {
    if constexpr (kIsShareable) {
      if (!outer_->claim()) return;
      outer_->word = *static_cast<const LastWord<T, E>*>(word);
      received_ = ending;
      post();
    }
  }
  void lead() noexcept override {
    is_leader_ = true;
    post();
  }

 private:
  static constexpr bool kIsShareable =
      (std::is_void_v<T> || std::is_copy_constructible_v<T>) && std::is_copy_constructible_v<E>;

  struct Stop {
    Coalesced* coalesced;
    void operator()() const noexcept { coalesced->leave(); }
  };

  class Leading final : public Part<T, E> {
   public:
    Leading(std::shared_ptr<Coalesced> coalesced, const Call& its_call)
        : Part<T, E>(coalesced->operation_, its_call), coalesced_(std::move(coalesced)) {}
    void ended(const Ending& ending) noexcept override { coalesced_->ended(this->word, ending); }

   private:
    std::shared_ptr<Coalesced> coalesced_;
  };

  void launch() {
    Call call = outer_->attempt.call();
    call.deadline = outer_->attempt.deadline();
    call.stop = outer_->attempt.stopToken();
    std::make_shared<Leading>(this->shared_from_this(), call)->begin(outer_->end + 1);
  }

  void ended(LastWord<T, E>& word, const Ending& ending) noexcept {
    if (is_leader_) {
      if (ending.isRejected(RejectionKind::kCancelled))
        coalescer_.cancelled(key_);
      else
        coalescer_.done(key_, &word, ending);
    }
    if (!outer_->claim()) return;
    outer_->word = std::move(word);
    outer_->finish(ending);
  }

  void leave() noexcept {
    // The queue it leaves may hold the last reference. Expired: it has gone on already.
    const std::shared_ptr<Coalesced> alive = this->weak_from_this().lock();
    if (!alive) return;
    if (!coalescer_.leave(key_, *this) || !outer_->claim()) return;
    Ending ending;
    ending.cause = Cause::kPolicy;
    ending.verdict = Verdict::kIgnored;
    ending.rejection = rejectedFor(RejectionKind::kCancelled);
    ending.rejection.policy = coalescer_.name();
    received_ = ending;
    post();
  }

  // The leader's thread is not held up by what the others do next.
  void post() noexcept {
    posted_ = this->shared_from_this();
    operation_->scheduler.post(*this);
  }
  void goOn() {
    on_stop_.reset();
    if (received_)
      outer_->finish(*received_);
    else
      launch();
  }

  const std::shared_ptr<Operation<T, E>> operation_;
  const std::shared_ptr<RunningBody<T, E>> outer_;
  Coalescer& coalescer_;
  const std::string key_;
  bool is_leader_ = false;
  std::optional<Ending> received_;
  std::shared_ptr<Coalesced> posted_;  // itself, while its work is with the scheduler
  std::optional<std::stop_callback<Stop>> on_stop_;
};

}  // namespace revenge::resilience
