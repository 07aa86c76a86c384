#include "recorded.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <ranges>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <revenge/abi/http.h>

namespace revenge::bench {
namespace {

revenge_view kept(Recorded& request, std::string text) {
  const std::string& stays = request.texts.emplace_back(std::move(text));
  return {stays.data(), stays.size()};
}

void readTarget(Recorded& request, std::string_view line) {
  request.method = line.starts_with("POST ") ? REVENGE_HTTP_POST : REVENGE_HTTP_GET;
  line.remove_prefix(line.find(' ') + 1);
  const std::string_view target = line.substr(0, line.find(' '));
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  if (mark == target.size()) return;
  for (const auto part : std::views::split(target.substr(mark + 1), '&')) {
    const std::string_view pair(part.begin(), part.end());
    const std::size_t equals = std::min(pair.find('='), pair.size());
    request.query.push_back({kept(request, std::string(pair.substr(0, equals))),
                             kept(request, std::string(pair.substr(std::min(equals + 1, pair.size()))))});
  }
}

void readField(Recorded& request, std::string_view line) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return;
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::string value(line.substr(colon + 2));
  if (name == "content-length") request.content_length = std::stoll(value);
  const revenge_view name_view = kept(request, std::move(name));
  request.headers.push_back({name_view, kept(request, std::move(value))});
}

}  // namespace

std::vector<Recorded> recordedRequests(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  if (files.empty()) throw std::runtime_error(folder.string() + " holds no requests");
  std::ranges::sort(files);
  std::vector<Recorded> requests;
  for (const auto& file : files) {
    Recorded& request = requests.emplace_back();
    const bool is_behind_proxy = file.stem().string().ends_with("behind-proxy");
    request.remote_address = is_behind_proxy ? "10.0.0.2" : "203.0.113." + std::to_string(requests.size());
    if (requests.size() % 2 == 0) request.user = "user-" + std::to_string(requests.size());
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    readTarget(request, line);
    while (std::getline(in, line)) readField(request, line);
  }
  return requests;
}

}  // namespace revenge::bench
