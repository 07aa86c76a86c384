#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "document/json.hpp"
#include "module/package_file.hpp"
#include "revengectl/session.hpp"
#include "revengectl/show.hpp"
#include "revengectl/show_packages.hpp"

namespace revenge::ctl {

namespace {

using base::Errc;
using base::fail;
using document::Value;
namespace fs = std::filesystem;

// A file without a name: gone with this process, however that ends.
class PackedFolder {
 public:
  static base::Result<PackedFolder> make(const fs::path& folder) {
    PackedFolder packed;
    packed.file_.reset(std::tmpfile());
    if (packed.file_ == nullptr) return fail(Errc::kIo, "no temporary file: {}", base::errnoText(errno));
    auto done = module::packFolder(folder, {}, [&](std::string_view piece) -> base::Result<> {
      if (std::fwrite(piece.data(), 1, piece.size(), packed.file_.get()) == piece.size()) return {};
      return fail(Errc::kIo, "no temporary file: {}", base::errnoText(errno));
    });
    if (!done) return std::unexpected(done.error());
    if (std::fflush(packed.file_.get()) != 0)
      return fail(Errc::kIo, "no temporary file: {}", base::errnoText(errno));
    return packed;
  }
  fs::path path() const { return fmt::format("/proc/self/fd/{}", ::fileno(file_.get())); }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
};

Exit install(Session& session, const Command& command) {
  fs::path file = command.arguments[0];
  std::optional<PackedFolder> packed;
  std::error_code unknown;
  if (fs::is_directory(file, unknown)) {
    if (!fs::exists(file / "plugin.json", unknown))
      return session.told(Exit::kUsage,
                          fmt::format("{}: expected a folder with a plugin.json", file.string()));
    auto made = PackedFolder::make(file);
    if (!made) return session.told(Exit::kUsage, made.error().message);
    file = packed.emplace(std::move(*made)).path();
  }
  std::string target = "/v1/packages";
  if (command.has("--enable")) target = withParameter(target, "enable=1");
  if (command.has("--dry-run")) target = withParameter(target, "dry_run=1");
  const auto answer = session.ask({.method = "POST", .target = std::move(target), .file = std::move(file)});
  if (!answer && answer.error().code == Errc::kNotFound)
    return session.told(Exit::kUsage, answer.error().message);
  return session.finish(answer, [&session](const Value& installed) {
    session.people(showInstalled(installed, session.colours()));
  });
}

Exit remove(Session& session, const Command& command) {
  const std::string& word = command.arguments[0];
  const std::size_t at = word.find('@');
  std::string target = fmt::format("/v1/packages/{}", percentEncoded(word.substr(0, at)));
  if (at != std::string::npos) target += "/" + percentEncoded(word.substr(at + 1));
  if (command.has("--force")) target = withParameter(target, "force=1");
  if (command.has("--dry-run")) target = withParameter(target, "dry_run=1");
  const bool would = command.has("--dry-run");
  return session.finish(
      session.ask({.method = "DELETE", .target = std::move(target)}),
      [&session, would](const Value& removal) {
        session.people(fmt::format("  {} {} {}{}\n", would ? "would remove" : "removed",
                                   textOf(removal, "id"), joined(arrayOf(removal, "versions"), ", "),
                                   flagOf(removal, "disabled") ? "; the plugin is disabled" : ""));
      });
}

Exit versions(Session& session, const Command& command) {
  const std::string below = command.arguments.empty() ? "" : "/" + percentEncoded(command.arguments[0]);
  return session.question("/v1/packages" + below, showPackages);
}

constexpr std::array kSpecs = {
    Spec{
        "install", "PATH", kOperation, "--enable --dry-run",
        "install a package, and swap what runs to it when it is newer",
        "PATH is what revenge pack makes, or a folder with a plugin.json. It is judged first; of one that is "
        "refused "
        "nothing is\nkept. A plugin that does not run stays so: --enable, or revengectl enable, starts it.\n",
        install},
    Spec{"remove", "ID", kOperation, "--force --dry-run", "remove an installed version, or all of them",
         "ID@VERSION is one of them. What stands in a plugin folder stays. What runs, and what rollback "
         "returns to, is not removed.\n",
         remove},
    Spec{"versions", "[ID]", kQuestion, "", "versions that are installed side by side", "", versions},
};

}  // namespace

std::span<const Spec> packageCommands() { return kSpecs; }

}  // namespace revenge::ctl
