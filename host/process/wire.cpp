#include "process/wire.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace revenge::process {
namespace {

using base::Errc;

constexpr std::size_t kPacketBytes = 32U << 10U;
constexpr std::size_t kMaxProgramBytes = 4U << 20U;  // more than execve takes

enum class Kind : std::uint64_t { kStart = 1, kSignal, kStarted, kRefused, kEnded, kStartInFile };

class Writer {
 public:
  explicit Writer(Kind kind) { put(std::to_underlying(kind)); }

  void put(std::uint64_t number) {
    std::array<char, sizeof number> raw{};
    std::memcpy(raw.data(), &number, sizeof number);
    bytes_.append(raw.data(), raw.size());
  }
  void putSigned(std::int64_t number) { put(static_cast<std::uint64_t>(number)); }
  void put(std::string_view text) {
    put(std::uint64_t{text.size()});
    bytes_ += text;
  }
  void put(const std::vector<std::string>& texts) {
    put(std::uint64_t{texts.size()});
    for (const std::string& text : texts) put(std::string_view(text));
  }
  void put(const std::optional<std::uint64_t>& number) {
    put(std::uint64_t{number ? 1U : 0U});
    put(number.value_or(0));
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// After a read beyond the end everything is 0 and empty, and good() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number() {
    std::uint64_t number = 0;
    if (rest_.size() < sizeof number) {
      spoil();
      return 0;
    }
    std::memcpy(&number, rest_.data(), sizeof number);
    rest_.remove_prefix(sizeof number);
    return number;
  }
  std::int64_t signedNumber() { return static_cast<std::int64_t>(number()); }
  int small() { return static_cast<int>(signedNumber()); }
  std::string text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) {
      spoil();
      return {};
    }
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> texts;
    for (std::uint64_t left = number(); left > 0 && good_; --left) texts.push_back(text());
    return texts;
  }
  std::optional<std::uint64_t> maybe() {
    const bool there = number() != 0;
    const std::uint64_t value = number();
    return there ? std::optional(value) : std::nullopt;
  }
  bool good() const { return good_; }

 private:
  void spoil() {
    good_ = false;
    rest_ = {};
  }
  std::string_view rest_;
  bool good_ = true;
};

void putProgram(Writer& writer, const Program& program) {
  writer.put(program.argv);
  writer.put(program.environment);
  writer.put(std::string_view(program.folder));
  writer.putSigned(program.niceness);
  writer.putSigned(program.io_priority ? program.io_priority->level : -1);
  writer.putSigned(program.oom_score_adj ? 1 : 0);
  writer.putSigned(program.oom_score_adj.value_or(0));
  writer.put(program.limits.cpu_seconds);
  writer.put(program.limits.address_space_bytes);
  writer.put(program.limits.file_bytes);
  writer.put(program.limits.open_files);
}

Program takeProgram(Reader& reader) {
  Program program;
  program.argv = reader.texts();
  program.environment = reader.texts();
  program.folder = reader.text();
  program.niceness = reader.small();
  if (const int level = reader.small(); level >= 0) program.io_priority = IoPriority{level};
  const bool adjusts = reader.small() != 0;
  const int adjustment = reader.small();
  if (adjusts) program.oom_score_adj = adjustment;
  program.limits.cpu_seconds = reader.maybe();
  program.limits.address_space_bytes = reader.maybe();
  program.limits.file_bytes = reader.maybe();
  program.limits.open_files = reader.maybe();
  return program;
}

base::Result<base::UniqueFd> inFile(std::string_view bytes) {
  base::UniqueFd file(::memfd_create("revenge-program", MFD_CLOEXEC));
  if (!file) return base::fail(Errc::kIo, "memfd_create: {}", base::errnoText(errno));
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(file.get(), bytes.data(), bytes.size());
    if (wrote < 0) return base::fail(Errc::kIo, "memfd: {}", base::errnoText(errno));
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return file;
}

base::Result<std::string> outOfFile(const base::UniqueFd& file, std::uint64_t size) {
  if (size > kMaxProgramBytes) return base::fail(Errc::kInvalid, "a program of {} bytes", size);
  std::string bytes(size, '\0');
  std::size_t at = 0;
  while (at < size) {
    const ssize_t got = ::pread(file.get(), bytes.data() + at, size - at, static_cast<off_t>(at));
    if (got <= 0) return base::fail(Errc::kInvalid, "a program that is cut off");
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

base::Result<FromHost> startOf(Reader& reader, Packet& packet, std::size_t first) {
  StartChild start;
  start.id = reader.number();
  const std::uint64_t given = reader.number();
  start.program = takeProgram(reader);
  if (!reader.good() || start.program.argv.empty())
    return base::fail(Errc::kInvalid, "a start without a program");
  for (std::size_t i = 0; i < start.stdio.size(); ++i) {
    if ((given >> i & 1U) == 0) continue;
    if (first == packet.count) return base::fail(Errc::kInvalid, "a start without its descriptors");
    start.stdio.at(i) = std::move(packet.descriptors.at(first++));
  }
  return start;
}

}  // namespace

base::Result<Packet> pack(StartChild start) {
  Writer writer(Kind::kStart);
  writer.put(start.id);
  std::uint64_t given = 0;
  for (std::size_t i = 0; i < start.stdio.size(); ++i)
    if (start.stdio.at(i)) given |= std::uint64_t{1} << i;
  writer.put(given);
  putProgram(writer, start.program);
  Packet packet;
  packet.bytes = writer.take();
  if (packet.bytes.size() > kMaxProgramBytes)
    return base::fail(Errc::kInvalid, "arguments and environment are longer than {} bytes", kMaxProgramBytes);
  if (packet.bytes.size() > kPacketBytes) {
    auto file = inFile(packet.bytes);
    if (!file) return std::unexpected(std::move(file.error()));
    Writer reference(Kind::kStartInFile);
    reference.put(std::uint64_t{packet.bytes.size()});
    packet.bytes = reference.take();
    packet.descriptors.at(packet.count++) = std::move(*file);
  }
  for (base::UniqueFd& descriptor : start.stdio)
    if (descriptor) packet.descriptors.at(packet.count++) = std::move(descriptor);
  return packet;
}

Packet pack(const SignalChild& signal) {
  Writer writer(Kind::kSignal);
  writer.put(signal.id);
  writer.putSigned(signal.signal);
  return {writer.take(), {}, 0};
}

Packet pack(const Started& started) {
  Writer writer(Kind::kStarted);
  writer.put(started.id);
  writer.putSigned(started.pid);
  return {writer.take(), {}, 0};
}

Packet pack(const Refused& refused) {
  Writer writer(Kind::kRefused);
  writer.put(refused.id);
  writer.put(std::uint64_t{std::to_underlying(refused.step)});
  writer.putSigned(refused.error);
  return {writer.take(), {}, 0};
}

Packet pack(const Ended& ended) {
  Writer writer(Kind::kEnded);
  writer.put(ended.id);
  writer.putSigned(ended.status);
  writer.putSigned(ended.user_us);
  writer.putSigned(ended.system_us);
  writer.put(ended.max_rss_kib);
  return {writer.take(), {}, 0};
}

base::Result<FromHost> unpackFromHost(Packet packet) {
  Reader reader(packet.bytes);
  switch (static_cast<Kind>(reader.number())) {
    case Kind::kStart:
      return startOf(reader, packet, 0);
    case Kind::kStartInFile: {
      const std::uint64_t size = reader.number();
      if (packet.count == 0) break;
      const auto bytes = outOfFile(packet.descriptors.front(), size);
      if (!bytes) return std::unexpected(bytes.error());
      Reader filed(*bytes);
      filed.number();
      return startOf(filed, packet, 1);
    }
    case Kind::kSignal: {
      SignalChild signal{reader.number(), reader.small()};
      if (reader.good()) return signal;
      break;
    }
    default:
      break;
  }
  return base::fail(Errc::kInvalid, "no message of the host");
}

base::Result<FromWarden> unpackFromWarden(const Packet& packet) {
  Reader reader(packet.bytes);
  const auto kind = static_cast<Kind>(reader.number());
  const std::uint64_t id = reader.number();
  FromWarden message;
  if (kind == Kind::kStarted) {
    message = Started{id, reader.small()};
  } else if (kind == Kind::kRefused) {
    const auto step = static_cast<Step>(reader.number());
    message = Refused{id, step, reader.small()};
  } else if (kind == Kind::kEnded) {
    Ended ended{.id = id};
    ended.status = reader.small();
    ended.user_us = reader.signedNumber();
    ended.system_us = reader.signedNumber();
    ended.max_rss_kib = reader.number();
    message = ended;
  } else {
    return base::fail(Errc::kInvalid, "no message of the warden");
  }
  if (!reader.good()) return base::fail(Errc::kInvalid, "a message of the warden that is cut off");
  return message;
}

namespace {

union Control {
  cmsghdr aligned;
  std::array<char, CMSG_SPACE(4 * sizeof(int))> bytes;
};

}  // namespace

Sent sendPacket(int socket, const Packet& packet, int flags) {
  iovec piece{const_cast<char*>(packet.bytes.data()),
              packet.bytes.size()};  // NOLINT(*-const-cast): as iovec wants it
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  Control control{};
  if (packet.count > 0) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(packet.count * sizeof(int));
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(packet.count * sizeof(int));
    std::array<int, 4> numbers{};
    for (std::size_t i = 0; i < packet.count; ++i) numbers.at(i) = packet.descriptors.at(i).get();
    std::memcpy(CMSG_DATA(head), numbers.data(), packet.count * sizeof(int));
  }
  while (::sendmsg(socket, &message, flags | MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    // Descriptors on their way count against a limit of the user: as full as a full socket.
    return errno == EAGAIN || errno == ETOOMANYREFS || errno == ENOBUFS ? Sent::kFull : Sent::kBroken;
  }
  return Sent::kSent;
}

Received receivePacket(int socket, Packet& packet, int flags) {
  packet = {};
  packet.bytes.resize(kPacketBytes);
  iovec piece{packet.bytes.data(), packet.bytes.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  Control control{};
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return errno == EAGAIN ? Received::kNothing : Received::kEnd;
  packet.bytes.resize(static_cast<std::size_t>(got));
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr; head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = std::min<std::size_t>((head->cmsg_len - CMSG_LEN(0)) / sizeof(int), 4);
    std::array<int, 4> numbers{};
    std::memcpy(numbers.data(), CMSG_DATA(head), count * sizeof(int));
    for (std::size_t i = 0; i < count; ++i) packet.descriptors.at(i).reset(numbers.at(i));
    packet.count = count;
  }
  return got == 0 ? Received::kEnd : Received::kPacket;
}

}  // namespace revenge::process
