// What an examination of the installation found, one thing each. Thread safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace revenge::admin {

enum class Grade : std::uint8_t { kOk, kWarning, kProblem };
std::string_view name(Grade grade);  // "ok", "warning", "problem"

struct Finding {
  std::string check;  // what was looked at: "open files"
  Grade grade = Grade::kOk;
  std::string text;    // what was seen
  std::string remedy;  // empty when all is well
};
using Findings = std::vector<Finding>;

enum class Whence : std::uint8_t {
  kRunning,
  kStopped
};  // the host itself looks, or `revenge --doctor` in its place

// What GET /v1/doctor and `revenge --doctor` answer.
std::string describe(const Findings& findings, Whence whence);

}  // namespace revenge::admin
