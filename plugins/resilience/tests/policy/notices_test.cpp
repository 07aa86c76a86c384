#include "policy/notices.hpp"

#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace revenge::resilience {
namespace {

using ::testing::ElementsAre;

class NoticesTest : public ::testing::Test {
 protected:
  void tell(int event) {
    notices_.post(event);
    notices_.deliver();
  }

  Notices<int> notices_;
  std::vector<int> heard_;
};

TEST_F(NoticesTest, ListenersHearInOrder) {
  const auto first = notices_.listen([&](int event) { heard_.push_back(event); });
  const auto second = notices_.listen([&](int event) { heard_.push_back(event * 10); });
  tell(1);
  tell(2);
  EXPECT_THAT(heard_, ElementsAre(1, 10, 2, 20));
}

TEST_F(NoticesTest, ThePastIsNotToldToNewListeners) {
  tell(1);
  const auto listening = notices_.listen([&](int event) { heard_.push_back(event); });
  tell(2);
  EXPECT_THAT(heard_, ElementsAre(2));
}

TEST_F(NoticesTest, WhatAListenerCausesIsToldAfterTheEventAtHand) {
  const auto first = notices_.listen([&](int event) {
    if (event == 1) tell(2);
    heard_.push_back(event);
  });
  const auto second = notices_.listen([&](int event) { heard_.push_back(event * 10); });
  tell(1);
  EXPECT_THAT(heard_, ElementsAre(1, 10, 2, 20));
}

TEST_F(NoticesTest, ExceptionsAreSwallowedAndCounted) {
  const auto bad = notices_.listen([](int) { throw std::runtime_error("listener"); });
  const auto good = notices_.listen([&](int event) { heard_.push_back(event); });
  tell(1);
  tell(2);
  EXPECT_THAT(heard_, ElementsAre(1, 2));
  EXPECT_EQ(notices_.swallowed(), 2U);
}

TEST_F(NoticesTest, WhoHasEndedHearsNothing) {
  auto listening = notices_.listen([&](int event) { heard_.push_back(event); });
  tell(1);
  listening.end();
  tell(2);
  EXPECT_THAT(heard_, ElementsAre(1));
}

TEST_F(NoticesTest, AListenerMayEndItselfAndTheNext) {
  Notices<int>::Subscription next;
  Notices<int>::Subscription self = notices_.listen([&](int event) {
    heard_.push_back(event);
    self.end();
    next.end();
  });
  next = notices_.listen([&](int event) { heard_.push_back(event * 10); });
  tell(1);
  tell(2);
  EXPECT_THAT(heard_, ElementsAre(1));
}

TEST_F(NoticesTest, ASubscriptionMayOutliveThePolicy) {
  auto notices = std::make_unique<Notices<int>>();
  const auto listening = notices->listen([&](int event) { heard_.push_back(event); });
  notices.reset();
  EXPECT_TRUE(heard_.empty());
}

}  // namespace
}  // namespace revenge::resilience
