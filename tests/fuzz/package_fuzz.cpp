// The reader of packages against any bytes, and against the same bytes with the checksums of their headers mended, which
// no chance would find.
#include <algorithm>
#include <cstring>
#include <map>
#include <string>

#include <fmt/format.h>

#include "module/archive.hpp"
#include "require.hpp"

using revenge::fuzz::require;

namespace {

using namespace revenge;

constexpr module::CopyLimits kLimits{.bytes = 4096, .files = 8, .depth = 4};
constexpr std::size_t kBlock = 512;

class Files final : public module::ArchiveFiles {
 public:
  base::Result<> file(const std::string& name, std::uint64_t size) override {
    require(module::checkArchiveName(name, kLimits).has_value(), "a name is a good one");
    require(!name.starts_with('/') && !("/" + name + "/").contains("/../"), "a name leaves no folder");
    require(left_ == 0, "a file has as many bytes as it said");
    for (const auto& [other, content] : files_) {
      require(other != name, "a name comes once");
      require(!name.starts_with(other + "/") && !other.starts_with(name + "/"), "no file lies below a file");
    }
    bytes_ += size;
    require(bytes_ <= kLimits.bytes, "all of it is no more than was allowed");
    last_ = &files_[name];
    require(files_.size() <= kLimits.files, "no more files than were allowed");
    left_ = size;
    return {};
  }
  base::Result<> content(std::string_view piece) override {
    require(last_ != nullptr && piece.size() <= left_, "content belongs to a file");
    left_ -= piece.size();
    *last_ += piece;
    return {};
  }
  std::map<std::string, std::string> files_;
  std::string* last_ = nullptr;
  std::uint64_t left_ = 0;
  std::uint64_t bytes_ = 0;
};

std::string read(std::string_view bytes, std::size_t piece, Files& files) {
  module::ArchiveReader reader(files, kLimits);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    if (auto taken = reader.take(bytes.substr(0, piece)); !taken) return taken.error().message;
  }
  const auto finished = reader.finish();
  if (!finished) return finished.error().message;
  require(files.left_ == 0, "an archive that is whole has whole files");
  return {};
}

void check(std::string_view bytes) {
  Files whole;
  const auto why = read(bytes, bytes.size() + 1, whole);
  require(why.find_first_of("\n\x1b") == std::string::npos, "a refusal is one printable line");
  Files pieces;
  require(read(bytes, 7, pieces) == why, "the pieces it comes in do not matter");
  require(pieces.files_ == whole.files_, "the pieces it comes in do not matter");
  if (!why.empty()) return;
  std::string again;
  module::ArchiveWriter writer([&again](std::string_view piece) {
    again += piece;
    return base::Result<>();
  });
  for (const auto& [name, content] : whole.files_) {
    if (!writer.file(name, content.size())) return;  // cut at another place than the format has room for
    require(writer.content(content).has_value(), "what was read can be written");
  }
  require(writer.finish().has_value(), "what was read can be written");
  Files back;
  require(read(again, again.size() + 1, back).empty() && back.files_ == whole.files_,
          "what is written is read back");
}

std::string mended(std::string bytes) {
  constexpr std::size_t kChecksum = 148;
  for (std::size_t at = 0; at + kBlock <= bytes.size(); at += kBlock) {
    if (std::memcmp(&bytes[at + 257], "ustar", 5) != 0) continue;
    std::memset(&bytes[at + kChecksum], ' ', 8);
    unsigned sum = 0;
    for (std::size_t i = 0; i < kBlock; ++i) sum += static_cast<unsigned char>(bytes[at + i]);
    const auto digits = fmt::format("{:06o}", sum);
    std::memcpy(&bytes[at + kChecksum], digits.data(), digits.size());
    bytes[at + kChecksum + 6] = '\0';
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  check(mended(bytes));
  return 0;
}
