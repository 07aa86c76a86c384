// Tells the journal what passes between plugin and hostile host, and measures it. Thread safe.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include <revenge/testing/hostile_host.hpp>

#include "revenge-check/row.hpp"

namespace revenge::check {

// What a stretch of a thread was spent on.
struct Spent {
  std::chrono::nanoseconds total{0};
  std::chrono::nanoseconds waited{0};  // 0 where it was only kept from its processor
};

class Recorder final : public testing::Observer {
 public:
  explicit Recorder(Work& work) : work_(&work) {}

  void entered(testing::Callback callback, std::string_view what, std::chrono::nanoseconds limit) override;
  void left(testing::Callback callback, std::string_view what, const std::string* threw) override;
  void called(std::string_view function) override;
  void returned(std::string_view function, revenge_status status) override;
  void misused(std::string_view function, std::string_view how) override;

  // Put behind the name of each callback: "start(), while call 7 of the host fails".
  void during(std::string circumstance);
  // From now on a request answered twice, or dropped, is a finding.
  void judgeAnswers() { judging_ = true; }
  // From now on a call that no host takes well is a finding.
  void judgeUse() { judging_use_ = true; }
  // From now on calls are counted; a function that is called more often than that ends the row with a finding.
  void count(std::uint64_t most) { most_ = most; }
  // From now on no function of the host is to be called.
  void destroyed() { destroyed_ = true; }
  std::vector<std::string> calledLate() const;

  struct Measured {
    Spent longest;
    int times = 0;
  };
  std::map<std::string, Measured> measured() const;
  void forget();

  std::chrono::nanoseconds limitOf(testing::Callback callback, std::chrono::nanoseconds own) const;

 private:
  Work* work_;
  std::atomic<bool> destroyed_ = false;
  std::atomic<bool> judging_ = false;
  std::atomic<bool> judging_use_ = false;
  std::atomic<std::uint64_t> most_ = 0;  // 0: nothing is counted
  mutable std::mutex mutex_;
  std::string circumstance_;  // guarded by mutex_, as what follows
  std::map<std::string, Measured> measured_;
  std::map<std::string, std::uint64_t, std::less<>> calls_;
  std::vector<std::string> late_;
};

}  // namespace revenge::check
