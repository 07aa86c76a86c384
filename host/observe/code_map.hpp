// Whose code is where in this process: the images that are mapped, and the plugins that marks stand for. Kept in fixed arrays of
// the process, so that handlers of signals can read it when everything else may be broken: what they call takes no lock and
// allocates nothing. That is why these are functions and not an object.
//
// Thread safety: any thread; names may be given while handlers read, which then may see one half written.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/current_plugin.hpp"
#include "observe/stack_frame.hpp"

namespace revenge::observe {

struct PluginBuild {
  std::string_view id;
  std::string_view version;
  std::string_view sha256;  // of its library
};

// Whom a mark stands for from now on. Longer texts are cut.
void nameMark(base::PluginMark mark, const PluginBuild& plugin);

// The library at `path` is of this plugin. Before it is loaded: code runs while it is.
void nameImage(std::string_view path, const PluginBuild& plugin);
// What is mapped now; after anything was loaded or unloaded.
void noteImages();

// Cut to what fits, and always ended.
template <std::size_t N>
struct FixedText {
  std::array<char, N> bytes{};

  void set(std::string_view text) {
    text = text.substr(0, N - 1);
    std::ranges::replace_copy_if(
        text, bytes.begin(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?');
    bytes[text.size()] = '\0';
  }
  std::string_view view() const { return {bytes.data(), ::strnlen(bytes.data(), N)}; }
};

struct CodeOwner {
  FixedText<65> id{};
  FixedText<48> version{};
  FixedText<65> sha256{};

  void set(const PluginBuild& plugin) {
    id.set(plugin.id);
    version.set(plugin.version);
    sha256.set(plugin.sha256);
  }
};

struct CodeImage {
  std::atomic<std::uintptr_t> begin{0};  // 0: no image
  std::uintptr_t end = 0;
  std::uintptr_t bias = 0;
  FixedText<256> path{};
  FixedText<41> build{};
  CodeOwner plugin{};
  bool seen = false;
};

// [signal] Null: none is known there.
const CodeImage* imageAt(std::uintptr_t address);
// [signal] Null: nobody, or the host.
const CodeOwner* ownerOf(base::PluginMark mark);
// [signal] Each image that is mapped.
void forEachImage(void (*each)(const CodeImage& image, void* argument), void* argument);

// The address as a frame, without its function.
StackFrame frameAt(std::uintptr_t address);

}  // namespace revenge::observe
