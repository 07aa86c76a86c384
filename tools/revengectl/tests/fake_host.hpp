// A Unix socket that answers each connection with the bytes a test gives, then closes or holds it. Remembers what it was
// asked.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace revenge::ctl {

class FakeHost {
 public:
  enum class Then { kClose, kHold };

  explicit FakeHost(std::string answer, Then then = Then::kClose) : answer_(std::move(answer)), then_(then) {
    std::string name = (std::filesystem::temp_directory_path() / "revengectl-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << base::errnoText(errno);
    folder_ = name;
    listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket().copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeHost() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  std::string socket() const { return (folder_ / "revenge.sock").string(); }

  // First lines of the requests so far.
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  std::vector<std::string> bodies() const {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }

  static std::string json(int status, const std::string& body, const std::string& type = "application/json") {
    return fmt::format("HTTP/1.1 {} X\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", status, type,
                       body.size(), body);
  }
  static std::string chunked(const std::vector<std::string>& chunks) {
    std::string text =
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string& chunk : chunks) text += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
    return text + "0\r\n\r\n";
  }

 private:
  // Of the whole request, as far as its beginning tells.
  static std::size_t sizeOf(const std::string& begin) {
    const std::size_t head = begin.find("\r\n\r\n");
    if (head == std::string::npos) return begin.size() + 1;
    const std::string_view name = "Content-Length: ";
    const std::size_t length = begin.find(name);
    return head + 4 + (length < head ? std::stoul(begin.substr(length + name.size())) : 0);
  }

  void serve() {
    std::vector<base::UniqueFd> held;
    while (true) {
      base::UniqueFd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!peer) return;
      std::string request;
      char bytes[4096];
      while (request.size() < sizeOf(request)) {
        const ssize_t got = ::recv(peer.get(), bytes, sizeof(bytes), 0);
        if (got <= 0) break;
        request.append(bytes, static_cast<std::size_t>(got));
      }
      {
        const std::lock_guard lock(mutex_);
        asked_.push_back(request.substr(0, request.find("\r\n")));
        bodies_.push_back(request.substr(std::min(request.size(), request.find("\r\n\r\n") + 4)));
      }
      (void)::send(peer.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
      if (then_ == Then::kHold) held.push_back(std::move(peer));
    }
  }

  const std::string answer_;
  const Then then_;
  std::filesystem::path folder_;
  base::UniqueFd listener_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;   // guarded by mutex_
  std::vector<std::string> bodies_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace revenge::ctl
