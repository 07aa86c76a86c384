// Library: the catalogue in force, kept up to date by scans, and the files behind it.
//
// Thread safe. A scan runs on the caller's thread, one at a time; readers never wait for one, except those who ask
// to, for the first.
#pragma once

#include <chrono>
#include <condition_variable>
#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "beneath.hpp"
#include "catalogue.hpp"
#include "scan.hpp"
#include "state.hpp"

namespace stream {

// Whether `folders` can be served: absolute, none twice, none inside another (its files would be listed twice).
std::expected<void, std::string> checkFolders(const std::vector<std::string>& folders);

class Library {
 public:
  explicit Library(ScanOptions options) { use(std::move(options)); }

  // From here on nothing is listed or served that `options` exclude; what they add comes with the next scan.
  void use(ScanOptions options);

  struct Scanned {
    CataloguePtr catalogue;
    std::vector<std::string> problems;  // of the folders, when they differ from those before
    std::vector<std::string> refusals;  // links not followed, when they differ from those before
  };
  // Lists all folders anew. Nothing: cancelled, or another scan is running, which then begins once more.
  std::optional<Scanned> scan(const std::function<bool()>& cancelled);

  CataloguePtr catalogue() const;
  // Waits until a catalogue is complete, at most `patience`.
  CataloguePtr catalogueSoon(std::chrono::milliseconds patience) const;
  bool isComplete() const;  // false until the first scan has ended, or a catalogue was restored
  std::vector<std::string> problems() const;

  // Opens a file of the catalogue by the bytes of its path.
  static Opened<revenge::File> open(const Catalogue& catalogue, const Entry& entry, Wait wait);

  void save(StateWriter& out) const;
  bool restore(StateReader& in);  // false: not written by save()

 private:
  struct Attempt {
    ScanOptions options;
    std::uint64_t revision;
  };
  std::optional<Attempt> beginScan();
  bool isOutdated(std::uint64_t revision) const;
  void publishPartial(const Attempt& attempt, const std::vector<Entry>& entries);
  std::optional<Scanned> publish(const Attempt& attempt, ScanReport report);
  bool endScan();  // whether another is wanted

  mutable std::mutex mutex_;
  mutable std::condition_variable completed_;
  ScanOptions options_;
  std::uint64_t revision_ = 0;  // of options_: a scan under older ones is thrown away
  CataloguePtr catalogue_ = std::make_shared<const Catalogue>();
  std::vector<std::string> problems_;
  std::vector<std::string> refusals_;
  bool complete_ = false;
  bool scanning_ = false;
  bool again_ = false;
};

}  // namespace stream
