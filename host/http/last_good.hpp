// The last good answers to routes whose absence policy is to go on with them: small, whole 200s to a GET that was for
// nobody in particular. Bounded; the least recently used goes first. Thread safety: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace revenge::http {

struct KeptAnswer {
  std::string headers;  // "Name: value\r\n" each
  std::string content_type;
  std::string etag;
  std::string body;
  std::int64_t modified_ns = 0;
};

class LastGood {
 public:
  static constexpr std::size_t kMaxBody = std::size_t{64} << 10U;   // as revenge.http/1 promises
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20U;  // of all bodies and headers together

  void keep(std::string_view plugin, std::string_view target, KeptAnswer answer);
  // False: there is none.
  bool find(std::string_view plugin, std::string_view target, KeptAnswer& answer);

 private:
  struct Entry {
    std::string key;
    KeptAnswer answer;
    std::size_t bytes() const {
      return key.size() + answer.headers.size() + answer.etag.size() + answer.body.size();
    }
  };

  std::mutex mutex_;
  std::list<Entry> entries_;  // guarded by mutex_; the most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;  // guarded by mutex_
  std::size_t bytes_ = 0;                                                    // guarded by mutex_
};

}  // namespace revenge::http
