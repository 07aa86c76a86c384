// Answers what the operator asks about the configuration and makes the changes they ask for: files, snapshot, plugins and
// history together. Thread safety: every function from any thread that may wait for plugins and disks. Owned by Host; the
// rooms outlive it.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "app/configuration.hpp"
#include "app/reloader.hpp"
#include "config/desk.hpp"
#include "config/history.hpp"
#include "plugin/plugins.hpp"

namespace revenge::app {

class ConfigDesk final : public config::Desk {
 public:
  ConfigDesk(const Configuration& configuration, Reloader& reloader, const plugin::Plugins& plugins,
             const config::History& history)
      : configuration_(configuration), reloader_(reloader), plugins_(plugins), history_(history) {}

  base::Result<std::vector<config::Entry>> get(std::string_view key) const override;
  base::Result<config::Explained> explain(std::string_view key) const override;
  base::Result<std::vector<config::Difference>> diff(
      const std::optional<config::Draft>& draft) const override;
  config::Verdict validate(const config::Draft& draft) const override;
  config::HistoryView history() const override;
  base::Result<config::Outcome> set(std::string_view key, std::string_view yaml,
                                    const config::Asked& asked) override;
  base::Result<config::Outcome> unset(std::string_view key, const config::Asked& asked) override;
  base::Result<config::Outcome> rollback(std::uint64_t number, const config::Asked& asked) override;
  base::Result<config::Applied> reload(config::Whom whom, const config::Asked& asked) override;

 private:
  using Turn = std::unique_lock<std::mutex>;
  using EditText = std::function<base::Result<std::string>(const config::Source& local)>;

  // What stands on disk and is not in force: part of the change, or replaced by it.
  enum class OnDisk { kTaken, kReplaced };

  std::vector<config::PluginPart> parts() const;
  config::Picture running() const { return {configuration_.snapshot(), parts()}; }
  std::expected<config::Picture, config::Problems> picture(const config::Sources& sources,
                                                           config::Problems& warnings) const;
  config::Sources with(const std::optional<config::Draft>& draft) const;
  base::Result<> checkStill(const config::Asked& asked) const;
  base::Result<config::Outcome> editLocal(const std::vector<std::string>& steps, const EditText& edit,
                                          const config::Asked& asked);
  base::Result<config::Outcome> change(const config::Sources& on_disk, const config::Sources& next,
                                       mode_t at_most, OnDisk unseen, const config::Asked& asked,
                                       const Turn& turn);

  const Configuration& configuration_;
  Reloader& reloader_;
  const plugin::Plugins& plugins_;
  const config::History& history_;
};

}  // namespace revenge::app
