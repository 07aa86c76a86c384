// Paths: the folders of the plugin id; every version and instance sees the same. A value; safe from any thread.
#pragma once

#include <revenge/host.hpp>

namespace revenge {

// Absolute paths of folders that exist. Throw Failure(kIo) when the host cannot make one.
class Paths {
 public:
  explicit Paths(const Host& host) : host_(&host) {}

  std::string state() const { return folder(REVENGE_PATH_STATE); }          // kept for ever, backed up
  std::string cache() const { return folder(REVENGE_PATH_CACHE); }          // may vanish between two runs
  std::string temporary() const { return folder(REVENGE_PATH_TEMPORARY); }  // emptied once in each run
  std::string package() const { return folder(REVENGE_PATH_PACKAGE); }  // plugin.json and beside; read-only

 private:
  std::string folder(std::uint32_t kind) const {
    revenge_buffer path{};
    boundary::ErrorText error;
    boundary::require(host_->pathsTable().folder(host_->raw(), kind, &path, &error), error, "plugin folder");
    return boundary::take(path);
  }

  const Host* host_;
};

inline Paths Host::paths() const { return Paths(*this); }

}  // namespace revenge
