// Runs that do not block, with bodies that end when the clock says so.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/start.hpp"
#include "pipeline_fixture.hpp"

namespace revenge::resilience {

struct StartTest : PipelineTest {
  using Answer = std::expected<int, std::string>;
  using Done = Completion<int, std::string>;

  // Ends a body at a moment.
  struct Later : Timer {
    Later(Done its_done, Answer its_answer)
        : Timer([](Timer& timer, Moment) noexcept {
            const std::unique_ptr<Later> self(static_cast<Later*>(&timer));
            self->done(std::move(self->answer));
          }),
          done(std::move(its_done)),
          answer(std::move(its_answer)) {}
    Done done;
    Answer answer;
  };
  void later(Duration time, Done done, Answer answer) {
    scheduler.at(scheduler.now() + time,
                 *std::make_unique<Later>(std::move(done), std::move(answer)).release());
  }
  // The bodies take so long, one after another, and answer their number; stops are noted, and not heeded.
  auto taking(std::vector<std::int64_t> times) {
    return [this, times = std::move(times)](Attempt& attempt, Done done) {
      const int number = ++calls;
      attempts.push_back(&attempt);
      tokens.push_back(attempt.stopToken());
      later(ms(times[std::min<std::size_t>(static_cast<std::size_t>(number), times.size()) - 1]),
            std::move(done), number);
    };
  }
  auto into(std::optional<Outcome<int, std::string>>& told, Moment* when = nullptr) {
    return [this, &told, when](Outcome<int, std::string> its_outcome) noexcept {
      EXPECT_FALSE(told.has_value()) << "told once";
      told = std::move(its_outcome);
      if (when != nullptr) *when = scheduler.now();
    };
  }
  template <class... Layers>
  static std::shared_ptr<const Pipeline> sharedOf(Layers... layers) {
    return std::make_shared<const Pipeline>(of(std::move(layers)...));
  }
  static std::shared_ptr<Hedge> hedge(Duration delay, std::uint32_t max,
                                      std::shared_ptr<RetryBudget> budget = nullptr) {
    HedgeSettings settings;
    settings.delay = delay;
    settings.max_hedges = max;
    return std::make_shared<Hedge>("hedge", settings, std::move(budget));
  }
  static std::shared_ptr<Coalescer> coalescer(const CoalesceSettings& settings = {}) {
    return std::make_shared<Coalescer>("coalesce", settings);
  }
  static Call keyed(std::string_view key) {
    Call call = repeatable();
    call.key = key;
    return call;
  }

  std::vector<Attempt*> attempts;
  std::vector<std::stop_token> tokens;
  std::optional<Outcome<int, std::string>> outcome;
  Moment ended_at;
};

}  // namespace revenge::resilience
