#include "module/handshake.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include <fcntl.h>

#include "module/descriptor.hpp"

namespace revenge::module {
namespace {

using base::Errc;
using base::fail;
using base::Result;

constexpr std::uint32_t kFirstRevision = offsetof(revenge_plugin, create) + sizeof(revenge_plugin::create);
constexpr std::uint32_t kMaxSize = 64 * 1024;
constexpr std::size_t kMaxText = 128;

// Copies plugin memory through a pipe: the kernel answers EFAULT where a plain read would end the host.
class SafeReader {
 public:
  SafeReader() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;
    in_ = Descriptor(ends[1]);
    out_ = Descriptor(ends[0]);
  }

  // Requires: size <= PIPE_BUF.
  bool copy(const void* from, void* to, std::size_t size) const {
    if (size == 0) return true;
    const auto wanted = static_cast<ssize_t>(size);
    const auto wrote = ::write(in_.get(), from, size);
    if (wrote <= 0) return false;
    return ::read(out_.get(), to, size) == wrote && wrote == wanted;
  }

 private:
  Descriptor in_;
  Descriptor out_;
};

bool isPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

Result<std::string> copyText(const SafeReader& memory, const revenge_view& view, std::string_view what) {
  if (view.size == 0) return fail(Errc::kRefused, "the descriptor's {} is empty", what);
  if (view.size > kMaxText) {
    return fail(Errc::kRefused, "the descriptor's {} claims {} bytes, at most {} are allowed", what,
                view.size, kMaxText);
  }
  std::string text(view.size, '\0');
  if (!memory.copy(view.data, text.data(), text.size())) {
    return fail(Errc::kRefused, "the descriptor's {} points to memory that cannot be read", what);
  }
  if (!isPrintable(text)) return fail(Errc::kRefused, "the descriptor's {} is no printable text", what);
  return text;
}

std::string refusalOf(const revenge_error& error) {
  std::string text(error.message, std::min<std::size_t>(error.length, REVENGE_ERROR_TEXT));
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return text.empty() ? "it gives no reason" : text;
}

}  // namespace

Result<PluginDescriptor> readDescriptor(const revenge_plugin* returned) {
  const SafeReader memory;
  struct {
    std::uint32_t size;
    std::uint32_t generation;
  } head{};
  if (!memory.copy(returned, &head, sizeof(head))) {
    return fail(Errc::kRefused, "the descriptor lies in memory that cannot be read");
  }
  if (head.size < sizeof(head) || head.size > kMaxSize) {
    return fail(Errc::kRefused, "the descriptor claims a size of {} bytes, expected {} or a little more",
                head.size, kFirstRevision);
  }
  if (head.generation != REVENGE_ABI_GENERATION) {
    return fail(Errc::kRefused, "it was built for ABI generation {}, this host offers {} (host {}); {}",
                head.generation, REVENGE_ABI_GENERATION, REVENGE_VERSION_STRING,
                head.generation > REVENGE_ABI_GENERATION ? "update the host" : "build it with a newer SDK");
  }
  if (head.size < kFirstRevision) {
    return fail(Errc::kRefused, "the descriptor claims a size of {} bytes, expected at least {}", head.size,
                kFirstRevision);
  }
  revenge_plugin copied{};
  if (!memory.copy(returned, &copied, sizeof(copied))) {
    return fail(Errc::kRefused, "the descriptor lies in memory that cannot be read");
  }
  if (copied.create == nullptr) return fail(Errc::kRefused, "the descriptor's create is NULL");
  PluginDescriptor result;
  result.abiGeneration = copied.abi_generation;
  result.create = copied.create;
  const std::pair<std::string*, const revenge_view*> texts[] = {{&result.id, &copied.id},
                                                                {&result.version, &copied.version},
                                                                {&result.sdkVersion, &copied.sdk_version}};
  constexpr std::string_view names[] = {"id", "version", "sdk_version"};
  for (std::size_t i = 0; i < std::size(texts); ++i) {
    auto text = copyText(memory, *texts[i].second, names[i]);
    if (!text) return std::unexpected(text.error());
    *texts[i].first = std::move(*text);
  }
  return result;
}

Result<PluginDescriptor> shakeHands(revenge_plugin_entry_fn entry) {
  revenge_error error{};
  error.size = sizeof(error);
  const revenge_plugin* returned = entry(REVENGE_ABI_GENERATION, &error);
  if (returned == nullptr)
    return fail(Errc::kRefused, "{} refused: {}", REVENGE_PLUGIN_ENTRY, refusalOf(error));
  return readDescriptor(returned);
}

}  // namespace revenge::module
