#include "revengectl/client.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "revengectl/connection.hpp"
#include "revengectl/response_reader.hpp"
#include "revengectl/tls_channel.hpp"

namespace revenge::ctl {

namespace {

using base::Errc;
using base::fail;

constexpr std::size_t kMaxBody = 32U << 20U;
constexpr std::size_t kMaxLine = 1U << 20U;

// The body, gathered or cut into lines.
class Gatherer {
 public:
  explicit Gatherer(const std::function<void(std::string_view)>& line) : line_(line) {}

  base::Result<> take(std::string_view piece, bool as_lines) {
    body_ += piece;
    if (!as_lines) {
      if (body_.size() > kMaxBody) return fail(Errc::kLimit, "the answer is longer than {} bytes", kMaxBody);
      return {};
    }
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = body_.find('\n', begin)) != std::string::npos; begin = end + 1)
      line_(std::string_view(body_).substr(begin, end - begin));
    body_.erase(0, begin);
    if (body_.size() > kMaxLine) return fail(Errc::kLimit, "a line of the answer does not end");
    return {};
  }

  std::string body() && { return std::move(body_); }

 private:
  const std::function<void(std::string_view)>& line_;
  std::string body_;
};

constexpr std::size_t kPiece = std::size_t{256} * 1024;

// A file on its way, of the size it had when it was opened.
class Upload {
 public:
  static base::Result<Upload> open(const std::filesystem::path& file) {
    Upload upload;
    upload.shown_ = file.string();
    upload.file_.reset(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status = {};
    if (!upload.file_ || ::fstat(upload.file_.get(), &status) != 0)
      return fail(Errc::kNotFound, "{}: {}", upload.shown_, base::errnoText(errno));
    if (!S_ISREG(status.st_mode)) return fail(Errc::kInvalid, "{}: expected a regular file", upload.shown_);
    upload.left_ = static_cast<std::uint64_t>(status.st_size);
    return upload;
  }

  std::uint64_t size() const { return left_; }

  template <typename Send>
  base::Result<> sendThrough(const Send& send) {
    std::string piece(kPiece, '\0');
    while (left_ > 0) {
      const ssize_t got = ::read(file_.get(), piece.data(), std::min<std::uint64_t>(piece.size(), left_));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(Errc::kIo, "{}: {}", shown_, base::errnoText(errno));
      if (got == 0) return fail(Errc::kIo, "{}: became shorter while it was sent", shown_);
      left_ -= static_cast<std::uint64_t>(got);
      if (auto sent = send(std::string_view(piece).substr(0, static_cast<std::size_t>(got))); !sent)
        return sent;
    }
    return {};
  }

 private:
  base::UniqueFd file_;
  std::string shown_;
  std::uint64_t left_ = 0;
};

std::string textOf(const Request& request, const Place& place, const std::optional<Upload>& upload) {
  std::string fields;
  if (!place.token.empty()) fields += fmt::format("Authorization: Bearer {}\r\n", place.token);
  if (!request.body.empty()) fields += "Content-Type: application/json\r\n";
  if (upload) fields += "Content-Type: application/octet-stream\r\n";
  const std::uint64_t size = upload ? upload->size() : request.body.size();
  if (request.method == "POST") fields += fmt::format("Content-Length: {}\r\n", size);
  return fmt::format("{} {} HTTP/1.1\r\nHost: revenge\r\nConnection: close\r\n{}\r\n{}", request.method,
                     request.target, fields, request.body);
}

}  // namespace

base::Result<Answer> Client::ask(const Request& request) const {
  std::optional<Upload> upload;
  if (request.file) {
    auto opened = Upload::open(*request.file);
    if (!opened) return std::unexpected(opened.error());
    upload.emplace(std::move(*opened));
  }
  Connection connection(clock_, place_, request.timeout.value_or(timeout_));
  if (auto ok = connection.open(); !ok) return std::unexpected(ok.error());
  std::optional<TlsChannel> tls;
  if (place_.tls) {
    if (auto ok = tls.emplace(connection, place_).open(); !ok) return std::unexpected(ok.error());
  }
  const auto send = [&](std::string_view text) { return tls ? tls->send(text) : connection.send(text); };
  if (auto ok = send(textOf(request, place_, upload)); !ok) return std::unexpected(ok.error());
  if (upload) {
    if (auto ok = upload->sendThrough(send); !ok) return std::unexpected(ok.error());
  }

  Gatherer gatherer(request.line);
  const ResponseReader* seen = nullptr;
  ResponseReader reader([&](std::string_view piece) {
    constexpr int kGood = 200;
    return gatherer.take(piece, request.line != nullptr && seen->status() == kGood);
  });
  seen = &reader;
  while (!reader.done()) {
    const auto bytes = tls ? tls->receive() : connection.receive();
    if (!bytes) return std::unexpected(bytes.error());
    if (auto ok = bytes->empty() ? reader.end() : reader.take(*bytes); !ok)
      return std::unexpected(ok.error());
    if (reader.headDone() && request.patience == Patience::kHead) connection.waitForEver();
  }
  return Answer{reader.status(), std::move(gatherer).body()};
}

}  // namespace revenge::ctl
