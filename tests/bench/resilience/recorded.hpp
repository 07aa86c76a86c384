// Heads of requests as clients send them, from requests/*.txt: as the host hands them to middleware. Thread safety: constant.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include <revenge/abi/base.h>

namespace revenge::bench {

struct Recorded {
  std::uint32_t method = 0;
  std::string path;
  std::string remote_address;
  std::string user;  // empty: nobody has named one
  std::int64_t content_length = -1;
  std::vector<revenge_field> headers;  // names in lower case
  std::vector<revenge_field> query;
  std::deque<std::string> texts{};  // what the fields show
};

// Throws std::runtime_error when there is none in the folder.
std::vector<Recorded> recordedRequests(const std::filesystem::path& folder);

}  // namespace revenge::bench
