// revengectl against a fake host: what it printed and how it ended.
#pragma once

#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "revengectl/run.hpp"
#include "revengectl/tests/fake_host.hpp"

namespace revenge::ctl {

class RunTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ::setenv("TZ", "UTC", 1);  // NOLINT(concurrency-mt-unsafe): no other thread yet
    ::tzset();                 // NOLINT(concurrency-mt-unsafe)
  }

  Exit ask(const std::string& socket, std::vector<std::string> words) {
    out_.clear();
    err_.clear();
    words.insert(words.end(), {"--socket", socket});
    return run(words, {.clock = clock_,
                       .socket = {},
                       .colours = colours_,
                       .out = [this](std::string_view text) { out_ += text; },
                       .err = [this](std::string_view text) { err_ += text; }});
  }
  Exit ask(const FakeHost& host, std::vector<std::string> words) {
    return ask(host.socket(), std::move(words));
  }
  // How a request ends that the host answers with this.
  Exit answered(const std::string& bytes, std::vector<std::string> words = {"list"}) {
    const FakeHost host(bytes);
    return ask(host, std::move(words));
  }

  base::SystemClock clock_;
  Colours colours_ = Colours::kOff;
  std::string out_;
  std::string err_;
};

}  // namespace revenge::ctl
