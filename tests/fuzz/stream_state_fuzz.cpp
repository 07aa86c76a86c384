// What another version of the stream plugin saved: sessions, then the library. Written again and read again it is
// the same.
#include "library.hpp"
#include "require.hpp"
#include "sessions.hpp"
#include "state.hpp"

namespace {

using revenge::fuzz::require;

constexpr stream::Sessions::Time kNow{std::chrono::hours(1000)};

struct Restored {
  stream::Sessions sessions{1000};
  stream::Library library{{.folders = {"/films", "/music"}, .hidden = true}};

  bool from(std::string_view bytes) {
    stream::StateReader in(bytes);
    return sessions.restore(in, kNow) && library.restore(in) && in.atEnd();
  }
  std::string saved() const {
    stream::StateWriter out;
    sessions.save(out, kNow);
    library.save(out);
    return out.take();
  }
  std::string savedLibrary() const {
    stream::StateWriter out;
    library.save(out);
    return out.take();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  Restored first;
  if (!first.from({reinterpret_cast<const char*>(data), size})) return 0;
  Restored second;
  require(second.from(first.saved()), "what is saved can be restored");
  require(second.sessions.active() == first.sessions.active(), "as many sessions");
  require(second.savedLibrary() == first.savedLibrary(), "and the same library");
  const auto catalogue = first.library.catalogue();
  for (const auto& entry : catalogue->entries()) {
    require(entry.folder < catalogue->folders().size(), "an entry lies in a folder");
    require(catalogue->find(entry.id) != nullptr, "and is found");
  }
  first.sessions.expire(kNow + std::chrono::hours(48));
  require(first.sessions.active() == 0, "no session lasts for ever");
  return 0;
}
