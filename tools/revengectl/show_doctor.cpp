#include "revengectl/show_doctor.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace revenge::ctl {

namespace {

using document::Value;

Tone toneOfGrade(std::string_view grade) {
  if (grade == "problem") return Tone::kBad;
  return grade == "warning" ? Tone::kWarning : Tone::kGood;
}

}  // namespace

std::string showFindings(const document::Array& findings, Colours colours) {
  constexpr int kWidest = 7;  // "problem"
  std::string text;
  for (const Value& finding : findings) {
    const std::string grade = textOf(finding, "grade");
    const std::string padding(kWidest - std::min<std::size_t>(grade.size(), kWidest), ' ');
    text += fmt::format("  {}{}  {}: {}\n", toned(grade, toneOfGrade(grade), colours), padding,
                        textOf(finding, "check"), textOf(finding, "text"));
    if (const std::string remedy = textOf(finding, "remedy"); !remedy.empty())
      text += fmt::format("  {:{}}  -> {}\n", "", kWidest, remedy);
  }
  return text;
}

bool hasProblem(const document::Array& findings) {
  return std::ranges::any_of(findings,
                             [](const Value& finding) { return textOf(finding, "grade") == "problem"; });
}

}  // namespace revenge::ctl
