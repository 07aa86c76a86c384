#include "admin/finding.hpp"

#include <revenge/abi/version.h>

#include "admin/json.hpp"

namespace revenge::admin {

std::string_view name(Grade grade) {
  if (grade == Grade::kOk) return "ok";
  return grade == Grade::kWarning ? "warning" : "problem";
}

std::string describe(const Findings& findings, Whence whence) {
  Json json;
  json.object().key("version").text(REVENGE_VERSION_STRING);
  json.key("running").boolean(whence == Whence::kRunning).key("findings").array();
  for (const Finding& finding : findings) {
    json.object().key("check").text(finding.check).key("grade").text(name(finding.grade));
    json.key("text").text(finding.text).key("remedy").text(finding.remedy).end();
  }
  json.end().end();
  return json.take();
}

}  // namespace revenge::admin
