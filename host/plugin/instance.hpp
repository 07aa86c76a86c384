// One load of a plugin: its mapped library, its record at the boundary, its functions, its state. Owned by Plugins through
// shared_ptr, because a lifecycle call that never returned keeps its own hold on it for ever.
// Thread safety: lifecycle functions are serialised by the operation that holds the plugin; state(), note() and the plain
// readers may be called from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <revenge/abi/plugin.h>

#include "base/clock.hpp"
#include "base/current_plugin.hpp"
#include "base/result.hpp"
#include "module/image.hpp"
#include "module/manifest.hpp"
#include "observe/events.hpp"
#include "observe/log.hpp"
#include "plugin/capabilities.hpp"
#include "plugin/host_record.hpp"
#include "plugin/lifecycle.hpp"
#include "plugin/plugins.hpp"
#include "plugin/section.hpp"

namespace revenge::plugin {

// State the old version handed over, in the host's envelope.
struct SavedState {
  std::string id;
  module::Semver version;
  std::string bytes;
};
inline constexpr std::size_t kMaxStateBytes = 256u << 20;

class Instance : public std::enable_shared_from_this<Instance> {
 public:
  Instance(const Plugins::Rooms& rooms, module::Manifest manifest, std::filesystem::path folder,
           std::string sha256, std::string signature);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const module::Manifest& manifest() const { return manifest_; }
  const std::filesystem::path& folder() const { return folder_; }
  const std::string& sha256() const { return sha256_; }
  const std::string& versionText() const { return version_; }
  const std::string& signature() const { return signature_; }  // the verdict on it
  const revenge_host& host() const { return *host_; }
  revenge_host& host() { return *host_; }

  State state() const;
  InstanceView view() const;
  std::shared_ptr<const Section> section() const;
  // Applies an event, tells log and events. A move the table does not have is a bug of the host: it is logged, the state
  // stays.
  void apply(Event event, std::string_view note = {});

  // Takes over a loaded library. From here on the record exists and handles may be asked for.
  void adopt(std::unique_ptr<module::Image> image, revenge_host& host);
  bool isMapped() const { return image_ != nullptr; }

  // The plugin's own functions, one at a time, each with its deadline from the manifest. kTimedOut: it did not return, and
  // its thread is inside for good. kUnavailable: its REVENGE_UNAVAILABLE; kFailed: any other failure. Both carry the
  // plugin's own words.
  base::Result<> create(std::shared_ptr<const Section> section);
  base::Result<> restore(const SavedState& state);
  base::Result<> start();
  base::Result<> health();
  bool healthHangs() const { return health_hangs_; }  // it did not return once, and is not asked again
  base::Result<> prepare(std::shared_ptr<const Section> next);
  base::Result<> commit();
  base::Result<> abort();
  bool configuresLive() const { return functions_.commit != nullptr; }
  base::Result<SavedState> save();
  base::Result<> stop();
  void resume();  // what save() sealed goes on
  base::Result<> destroy();

  // After destroy: the library, to be unmapped or retired.
  std::unique_ptr<module::Image> release() { return std::move(image_); }

 private:
  struct Frame;
  base::Result<> run(std::string_view phase, base::Duration limit,
                     std::function<revenge_status(Frame&)> body);

  const Plugins::Rooms& rooms_;
  const module::Manifest manifest_;
  const std::filesystem::path folder_;
  const std::string sha256_;
  const std::string version_;
  const std::string signature_;
  observe::Logger logger_;
  std::unique_ptr<module::Image> image_;
  revenge_host* host_ = nullptr;  // never freed
  revenge_instance functions_ = {};
  std::shared_ptr<const Section> prepared_;
  std::mutex
      lifecycle_;  // held by who waits for a lifecycle call, not by the call: one that hangs blocks no later one

  std::atomic<bool> health_hangs_ = false;

  mutable std::mutex mutex_;
  State state_ = State::kDiscovered;  // guarded by mutex_
  std::string note_;                  // guarded by mutex_
  base::WallTime since_;              // guarded by mutex_
};

}  // namespace revenge::plugin
