#include "module/archive.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "document/value.hpp"
#include "observe/utf8.hpp"

namespace revenge::module {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using document::printable;

// IEEE Std 1003.1, "ustar Interchange Format".
struct Field {
  std::size_t at;
  std::size_t size;
};
constexpr Field kName{0, 100};
constexpr Field kMode{100, 8};
constexpr Field kUid{108, 8};
constexpr Field kGid{116, 8};
constexpr Field kSize{124, 12};
constexpr Field kTime{136, 12};
constexpr Field kChecksum{148, 8};
constexpr Field kType{156, 1};
constexpr Field kLink{157, 100};
constexpr Field kMagic{257, 8};
constexpr Field kDeviceMajor{329, 8};
constexpr Field kDeviceMinor{337, 8};
constexpr Field kPrefix{345, 155};

using namespace std::string_view_literals;
constexpr std::string_view kUstar =
    "ustar\0"
    "00"sv;
constexpr std::string_view kFileMode = "0000644"sv;
constexpr std::string_view kGzip = "\x1f\x8b"sv;
constexpr std::uint64_t kMaxSize = 077777777777ULL;
// Other programs fill the last record of twenty blocks.
constexpr std::uint64_t kRecord = 20 * kArchiveBlock;
constexpr std::array<char, kArchiveBlock> kZeros{};

using Block = std::array<char, kArchiveBlock>;

void put(Block& block, Field field, std::string_view text) {
  std::ranges::copy(text.substr(0, field.size), block.begin() + static_cast<std::ptrdiff_t>(field.at));
}

std::string_view raw(const Block& block, Field field) { return {block.data() + field.at, field.size}; }

std::string_view upToNul(std::string_view text) { return text.substr(0, text.find('\0')); }

std::uint64_t checksum(const Block& block) {
  std::uint64_t sum = kChecksum.size * ' ';
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (i < kChecksum.at || i >= kChecksum.at + kChecksum.size) sum += static_cast<unsigned char>(block[i]);
  }
  return sum;
}

// Octal digits, closed by spaces or NULs.
std::optional<std::uint64_t> number(std::string_view field) {
  const auto digits = std::min(field.find_first_not_of("01234567"), field.size());
  if (digits == 0 || field.find_first_not_of(" \0"sv, digits) != std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : field.substr(0, digits)) value = value * 8 + static_cast<unsigned>(c - '0');
  return value;
}

std::uint64_t paddingBehind(std::uint64_t size) {
  return (kArchiveBlock - size % kArchiveBlock) % kArchiveBlock;
}

bool isZero(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char c) { return c == '\0'; });
}

std::string_view kindOf(char type) {
  switch (type) {
    case '1':
      return "a hard link";
    case '2':
      return "a symbolic link";
    case '3':
    case '4':
      return "a device";
    case '5':
      return "a folder of its own";
    case '6':
      return "a pipe";
    case 'x':
    case 'g':
    case 'L':
    case 'K':
      return "an extension of the format";
    default:
      return "no regular file";
  }
}

// The name in one field, or in two with a '/' between them.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view name) {
  if (name.size() <= kName.size) return std::pair(""sv, name);
  for (std::size_t at = name.find('/'); at != std::string_view::npos; at = name.find('/', at + 1)) {
    if (at <= kPrefix.size && name.size() - at - 1 <= kName.size && at > 0)
      return std::pair(name.substr(0, at), name.substr(at + 1));
  }
  return std::nullopt;
}

}  // namespace

Result<> checkArchiveName(std::string_view name, const CopyLimits& limits) {
  const auto refuse = [&](std::string_view why) {
    return fail(Errc::kRefused, "{}: {}", printable(name), why);
  };
  if (name.empty()) return fail(Errc::kRefused, "a file without a name");
  if (name.front() == '/') return refuse("an absolute path");
  for (std::string_view left = name; !left.empty();) {
    const auto step = observe::firstCharacter(left);
    if (!step.valid || observe::isUnprintable(step.point)) return refuse("a name that is no printable UTF-8");
    left.remove_prefix(step.length);
  }
  std::uint32_t depth = 0;
  for (std::size_t begin = 0; begin <= name.size(); ++depth) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part == "..") return refuse("a path that leaves the folder");
    if (part.empty() || part == ".") return refuse("a path with an empty part or a dot");
    begin = end + 1;
  }
  if (depth > limits.depth)
    return fail(Errc::kLimit, "{}: more than {} folders deep", printable(name), limits.depth);
  return {};
}

Result<> ArchiveWriter::file(std::string_view name, std::uint64_t size) {
  if (auto ended = endFile(); !ended) return ended;
  if (auto good = checkArchiveName(name, {}); !good) return good;
  const auto parts = split(name);
  if (!parts) return fail(Errc::kInvalid, "{}: the name is too long for an archive", printable(name));
  if (size > kMaxSize) return fail(Errc::kLimit, "{}: larger than {} bytes", printable(name), kMaxSize);
  if (name <= last_) return fail(Errc::kInvalid, "{}: out of order", printable(name));
  last_ = name;
  Block block{};
  put(block, kPrefix, parts->first);
  put(block, kName, parts->second);
  put(block, kMode, kFileMode);
  for (const Field zero : {kUid, kGid, kDeviceMajor, kDeviceMinor}) put(block, zero, "0000000");
  put(block, kSize, fmt::format("{:011o}", size));
  put(block, kTime, "00000000000");
  put(block, kType, "0");
  put(block, kMagic, kUstar);
  put(block, kChecksum, fmt::format("{:06o}\0 "sv, checksum(block)));
  left_ = size;
  padding_ = paddingBehind(size);
  return out_({block.data(), block.size()});
}

Result<> ArchiveWriter::content(std::string_view piece) {
  if (piece.size() > left_) return fail(Errc::kInvalid, "{}: grew while it was read", printable(last_));
  left_ -= piece.size();
  return out_(piece);
}

Result<> ArchiveWriter::endFile() {
  if (left_ != 0) return fail(Errc::kInvalid, "{}: shrank while it was read", printable(last_));
  return out_({kZeros.data(), std::exchange(padding_, 0)});
}

Result<> ArchiveWriter::finish() {
  if (auto ended = endFile(); !ended) return ended;
  for (int i = 0; i < 2; ++i) {
    if (auto wrote = out_({kZeros.data(), kZeros.size()}); !wrote) return wrote;
  }
  return {};
}

Result<> ArchiveReader::take(std::string_view bytes) {
  taken_ += bytes.size();
  while (so_far_ && !bytes.empty()) so_far_ = step(bytes);
  return so_far_;
}

Result<> ArchiveReader::step(std::string_view& bytes) {
  const auto next = [&bytes](std::uint64_t most) {
    const auto piece = bytes.substr(0, std::min<std::uint64_t>(most, bytes.size()));
    bytes.remove_prefix(piece.size());
    return piece;
  };
  switch (place_) {
    case Place::kHeader: {
      const auto piece = next(kArchiveBlock - filled_);
      std::ranges::copy(piece, block_.begin() + static_cast<std::ptrdiff_t>(filled_));
      filled_ += piece.size();
      if (filled_ < kArchiveBlock) return {};
      filled_ = 0;
      return header();
    }
    case Place::kContent: {
      const auto piece = next(left_);
      left_ -= piece.size();
      if (left_ == 0) place_ = padding_ > 0 ? Place::kPadding : Place::kHeader;
      return files_.content(piece);
    }
    case Place::kPadding: {
      const auto piece = next(padding_);
      padding_ -= piece.size();
      if (padding_ == 0) place_ = Place::kHeader;
      if (!isZero(piece))
        return fail(Errc::kInvalid, "the archive is damaged: something stands between its files");
      return {};
    }
    case Place::kEnd: {
      const auto piece = next(bytes.size());
      left_ += piece.size();
      if (!isZero(piece) || left_ >= kRecord)
        return fail(Errc::kInvalid, "something follows the end of the archive");
      return {};
    }
  }
  return {};
}

Result<> ArchiveReader::header() {
  if (isZero({block_.data(), block_.size()})) {
    if (++zero_blocks_ == 2) place_ = Place::kEnd;
    return {};
  }
  if (zero_blocks_ > 0)
    return fail(Errc::kInvalid, "the archive is damaged: a block of zeros between its files");
  if (raw(block_, kMagic) != kUstar) {
    const bool packed = names_.empty() && std::string_view(block_.data(), block_.size()).starts_with(kGzip);
    return fail(Errc::kInvalid, "{}; revenge pack makes packages",
                packed ? "it is compressed, which a package is not" : "it is no ustar archive");
  }
  if (number(raw(block_, kChecksum)) != checksum(block_))
    return fail(Errc::kInvalid, "the archive is damaged: the checksum of a header is wrong");
  const std::string_view prefix = upToNul(raw(block_, kPrefix));
  std::string name(prefix);
  if (!prefix.empty()) name += '/';
  name += upToNul(raw(block_, kName));
  if (auto good = checkArchiveName(name, limits_); !good) return good;
  const char type = block_[kType.at];
  if (type != '0' && type != '\0') {
    return fail(Errc::kRefused, "{}: {}; a package holds regular files only", printable(name), kindOf(type));
  }
  if (!isZero(raw(block_, kLink)))
    return fail(Errc::kRefused, "{}: a file that names another one", printable(name));
  const auto size = number(raw(block_, kSize));
  if (!size) return fail(Errc::kInvalid, "{}: its size is no number", printable(name));
  if (auto admitted = admit(name, *size); !admitted) return admitted;
  left_ = *size;
  padding_ = paddingBehind(*size);
  if (left_ > 0) place_ = Place::kContent;
  return files_.file(name, *size);
}

Result<> ArchiveReader::admit(const std::string& name, std::uint64_t size) {
  if (size > limits_.bytes || bytes_ > limits_.bytes - size)
    return fail(Errc::kLimit, "{}: together the files are larger than {} bytes", printable(name),
                limits_.bytes);
  bytes_ += size;
  if (folders_.contains(name) || !names_.insert(name).second)
    return fail(Errc::kRefused, "{}: a second file of that name", printable(name));
  for (auto at = name.find('/'); at != std::string::npos; at = name.find('/', at + 1)) {
    const std::string folder = name.substr(0, at);
    if (names_.contains(folder))
      return fail(Errc::kRefused, "{}: a file below the file {}", printable(name), printable(folder));
    folders_.insert(folder);
  }
  if (names_.size() + folders_.size() > limits_.files)
    return fail(Errc::kLimit, "more than {} files and folders", limits_.files);
  return {};
}

Result<> ArchiveReader::finish() {
  if (!so_far_) return so_far_;
  if (place_ == Place::kEnd) return {};
  return so_far_ = fail(Errc::kInvalid, "the archive is {}", taken_ == 0 ? "empty" : "cut short");
}

}  // namespace revenge::module
