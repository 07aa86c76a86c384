// Plays a row of the cases on a breaker. Each word of the script is one step, and each answers with the state after it (C, O, H) or, for
// an attempt, with + or -:
//   S F I L K  a call that ends so (success, failure, ignored, slow success, slow failure); when the breaker rejects it, the result of
//              a call that was admitted at the beginning
//   ?          an attempt, which stays open;  !x  ends the oldest open attempt with x
//   @t         the clock is t seconds (no answer);  H O C  forced;  T  tick
#pragma once

#include <deque>
#include <sstream>
#include <string>

#include "policy/breaker.hpp"
#include "seconds.hpp"

namespace revenge::resilience {

class BreakerScript {
 public:
  explicit BreakerScript(const BreakerSettings& settings) : breaker_("upstream", settings, 1, Moment()) {
    for (int i = 0; i < 10; ++i) early_.push_back(*breaker_.acquire(now_));
  }

  std::string play(const std::string& script) {
    std::istringstream words(script);
    std::string answers;
    for (std::string word; words >> word;) {
      const std::string answer = step(word);
      if (answer.empty()) continue;
      if (!answers.empty()) answers += ' ';
      answers += answer;
    }
    return answers;
  }

  Breaker& breaker() { return breaker_; }
  BreakerReport report() { return breaker_.report(now_); }
  Moment now() const { return now_; }
  std::size_t opened() { return report().transitions[0][1] + report().transitions[2][1]; }

 private:
  static Verdict verdictOf(char letter) {
    switch (letter) {
      case 'S':
        return Verdict::kSuccess;
      case 'F':
        return Verdict::kFailure;
      case 'L':
        return Verdict::kSlowSuccess;
      case 'K':
        return Verdict::kSlowFailure;
      default:
        return Verdict::kIgnored;
    }
  }

  std::string step(const std::string& word) {
    switch (word[0]) {
      case '@':
        now_ = at(std::stod(word.substr(1)));
        return "";
      case 'H':
        breaker_.halfOpen(now_);
        break;
      case 'O':
        breaker_.open(now_);
        break;
      case 'C':
        breaker_.close(now_);
        break;
      case 'T':
        breaker_.tick(now_);
        break;
      case '?': {
        const auto permit = breaker_.acquire(now_);
        if (permit) running_.push_back(*permit);
        return permit ? "+" : "-";
      }
      case '!':
        breaker_.settle(running_.front(), verdictOf(word[1]), now_);
        running_.pop_front();
        break;
      default:
        breaker_.settle(breaker_.acquire(now_).value_or(early_.front()), verdictOf(word[0]), now_);
    }
    return std::string(1, "COH"[static_cast<int>(breaker_.state())]);
  }

  Moment now_;
  Breaker breaker_;
  std::deque<BreakerPermit> running_;
  std::deque<BreakerPermit> early_;
};

}  // namespace revenge::resilience
