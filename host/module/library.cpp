#include "module/library.hpp"

#define BOOST_DLL_USE_STD_FS
#include <algorithm>
#include <system_error>

#include <boost/dll/shared_library.hpp>
#include <dlfcn.h>
#include <link.h>

namespace revenge::module {
namespace {

using base::Errc;
using base::fail;

std::string loaderText() {
  const char* text = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it per thread
  return text != nullptr ? text : "the loader gives no reason";
}

struct Search {
  const char* path;
  AddressRange range{UINTPTR_MAX, 0};
  std::size_t bytes = 0;
  bool found = false;
};

int visit(dl_phdr_info* info, std::size_t, void* out) {
  auto& search = *static_cast<Search*>(out);
  if (info->dlpi_name == nullptr || std::string_view(info->dlpi_name) != search.path) return 0;
  search.found = true;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const std::uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
    search.range.begin = std::min(search.range.begin, begin);
    search.range.end = std::max(search.range.end, begin + segment.p_memsz);
    search.bytes += segment.p_memsz;
  }
  return 1;
}

Search findMapped(const std::filesystem::path& path) {
  Search search{.path = path.c_str()};
  ::dl_iterate_phdr(&visit, &search);
  return search;
}

}  // namespace

struct Library::Handle {
  boost::dll::shared_library library;
};

Library::Library(std::filesystem::path path, std::unique_ptr<Handle> handle)
    : path_(std::move(path)), handle_(std::move(handle)) {
  const auto mapped = findMapped(path_);
  range_ = mapped.range;
  bytesMapped_ = mapped.bytes;
}

Library::Library(Library&&) noexcept = default;
Library& Library::operator=(Library&&) noexcept = default;
Library::~Library() = default;

base::Result<Library> Library::load(const std::filesystem::path& path) {
  auto handle = std::make_unique<Handle>();
  std::error_code error;
  ::dlerror();  // NOLINT(concurrency-mt-unsafe): forgets what an earlier call left on this thread
  handle->library.load(path, error, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (error) {
    auto text = loaderText();
    // The private path in front of the text says nothing to the operator.
    if (const auto prefix = path.string() + ": "; text.starts_with(prefix)) text.erase(0, prefix.size());
    return fail(Errc::kRefused, "{}", text);
  }
  return Library(path, std::move(handle));
}

base::Result<revenge_plugin_entry_fn> Library::entry() const {
  std::error_code error;
  const bool has = handle_->library.has(REVENGE_PLUGIN_ENTRY);
  if (!has) return fail(Errc::kRefused, "it does not export {}", REVENGE_PLUGIN_ENTRY);
  return &handle_->library.get<std::remove_pointer_t<revenge_plugin_entry_fn>>(REVENGE_PLUGIN_ENTRY);
}

bool Library::isOpen() const { return handle_ && handle_->library.is_loaded(); }

void Library::close() { handle_->library.unload(); }

bool Library::isMapped() const { return findMapped(path_).found; }

void Library::reap() {
  if (void* again = ::dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD)) ::dlclose(again);
}

void Library::pin() {
  // NODELETE takes effect on a library that is already loaded; the reference is never given back.
  (void)::dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD | RTLD_NODELETE);
}

base::Result<> keepResident(const std::string& soname) {
  if (::dlopen(soname.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) != nullptr) return {};
  return fail(Errc::kRefused, "{}", loaderText());
}

}  // namespace revenge::module
