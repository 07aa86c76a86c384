// revenge-check: conformance of a plugin package before it is published.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include "module/private_copy.hpp"
#include "module/probe.hpp"
#include "revenge-check/companions.hpp"
#include "revenge-check/package.hpp"
#include "revenge-check/report.hpp"
#include "revenge-check/runner.hpp"
#include "revenge-check/selection.hpp"

namespace {

namespace fs = std::filesystem;
using namespace revenge;

constexpr int kClean = 0;
constexpr int kFindings = 1;
constexpr int kUsage = 2;

class Scratch {
 public:
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "revenge-check-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error("cannot make a folder like " + pattern);
    path_ = pattern;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

int complain(std::string_view message) {
  fmt::print(stderr, "revenge-check: {}\n", message);
  return kUsage;
}

int checkPackage(const check::CommandLine& line) {
  const auto began = std::chrono::steady_clock::now();
  std::error_code error;
  if (!fs::is_directory(line.folder, error))
    return complain(fmt::format("'{}' is no folder", line.folder.string()));
  std::ofstream junit;
  if (!line.junit.empty()) {
    junit.open(line.junit);
    if (!junit) return complain(fmt::format("--junit: cannot write '{}'", line.junit.string()));
  }
  const Scratch scratch;
  auto store = module::PrivateStore::open(scratch.path() / "copies");
  if (!store) return complain(store.error().message);
  const base::SystemClock clock;
  const auto read = [&](const fs::path& folder) {
    return check::readPackage(folder, *store, "/proc/self/exe", clock);
  };
  for (const auto& folder : line.with)
    if (!fs::is_directory(folder, error)) return complain(fmt::format("'{}' is no folder", folder.string()));
  auto package = read(line.folder);
  package.companions = check::findCompanions(package, line.with, read);
  check::Summary summary{.folder = line.folder.string(), .id = package.id, .version = "?"};
  if (package.manifest) summary.version = package.manifest->version.text();
  for (const auto& companion : package.companions)
    summary.with.push_back(companion.id + " " + companion.manifest->version.text());
  summary.seed = line.seed.value_or(std::random_device()());
  summary.outcomes = check::run(package, check::select(line.only),
                                {.timeout = line.timeout, .seed = summary.seed, .scratch = scratch.path()});
  summary.took = std::chrono::steady_clock::now() - began;
  if (junit.is_open()) junit << check::asJunit(summary);
  const auto colours = ::isatty(STDOUT_FILENO) == 1 ? check::Colours::kYes : check::Colours::kNo;
  fmt::print("{}", line.json ? check::asJson(summary) : check::forPeople(summary, colours));
  return summary.clean() ? kClean : kFindings;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 3 && arguments[0] == "--probe")
    return module::probeMain(arguments[1].c_str(), std::atoi(arguments[2].c_str()));
  const auto line = check::parseCommandLine(arguments);
  if (!line) {
    fmt::print(stderr, "revenge-check: {}\n{}", line.error().message, check::usage());
    return kUsage;
  }
  if (line->help) return fmt::print("{}", check::usage()), kClean;
  if (line->list) return fmt::print("{}", check::rowTable()), kClean;
  try {
    return checkPackage(*line);
  } catch (const std::exception& exception) {
    return complain(exception.what());
  }
}
