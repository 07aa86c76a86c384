// What starting plugins costs without a host: each library in turn is copied to a private folder, hashed, mapped, and
// its entry, create and start are called, against tables that only hand out numbers. A line of JSON.
// Usage: bench_start FOLDER LIBRARY...
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <revenge/abi/http.h>
#include <revenge/abi/plugin.h>
#include <revenge/abi/service.h>
#include <revenge/abi/version.h>

#include "module/descriptor.hpp"
#include "module/sha256.hpp"

namespace {

namespace fs = std::filesystem;
using revenge::module::Descriptor;

revenge_handle given = 0;

revenge_status addRoute(const revenge_host*, const revenge_http_route*, revenge_handle* handle,
                        revenge_error*) {
  *handle = ++given;
  return REVENGE_OK;
}
revenge_status provide(const revenge_host*, const revenge_provision*, revenge_handle* handle,
                       revenge_error*) {
  *handle = ++given;
  return REVENGE_OK;
}
revenge_status require(const revenge_host*, revenge_view, revenge_handle* slot, revenge_error*) {
  *slot = ++given;
  return REVENGE_OK;
}

const void* query(const revenge_host*, revenge_view id) {
  static const revenge_http kHttp = [] {
    revenge_http table{};
    table.size = sizeof table;
    table.add_route = addRoute;
    return table;
  }();
  static const revenge_service kService = [] {
    revenge_service table{};
    table.size = sizeof table;
    table.provide = provide;
    table.require = require;
    return table;
  }();
  const std::string_view wanted(id.data, id.size);
  if (wanted == REVENGE_HTTP_ID) return &kHttp;
  return wanted == REVENGE_SERVICE_ID ? &kService : nullptr;
}

template <typename Struct>
Struct sized() {
  Struct made{};
  made.size = sizeof made;
  return made;
}

void check(bool done, const std::string& what) {
  if (!done) throw std::runtime_error(what);
}

void copyFile(const fs::path& from, const fs::path& to) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  const Descriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  check(source && target, "cannot copy " + from.string());
  while (const auto moved = ::sendfile(target.get(), source.get(), nullptr, std::size_t{1} << 20))
    check(moved > 0, "cannot copy " + from.string());
}

void start(const fs::path& library, const fs::path& folder) {
  fs::create_directory(folder);
  const fs::path own = folder / library.filename();
  copyFile(library, own);
  const Descriptor file(::open(own.c_str(), O_RDONLY | O_CLOEXEC));
  check(revenge::module::Sha256::ofDescriptor(file.get()).has_value(), "cannot hash " + own.string());
  void* handle = ::dlopen(own.c_str(), RTLD_NOW | RTLD_LOCAL);
  check(handle != nullptr, "cannot map " + own.string());
  const auto entry = reinterpret_cast<revenge_plugin_entry_fn>(::dlsym(handle, REVENGE_PLUGIN_ENTRY));
  check(entry != nullptr, own.string() + " has no entry");

  static constexpr revenge_host_api kApi{sizeof(revenge_host_api),
                                         REVENGE_ABI_GENERATION,
                                         {REVENGE_VERSION_STRING, sizeof(REVENGE_VERSION_STRING) - 1},
                                         nullptr,
                                         query};
  const auto call = sized<revenge_call>();
  const auto config = sized<revenge_config>();
  auto instance = sized<revenge_instance>();
  auto error = sized<revenge_error>();
  const revenge_plugin* plugin = entry(REVENGE_ABI_GENERATION, &error);
  check(plugin != nullptr && plugin->create(&kApi, &call, &config, &instance, &error) == REVENGE_OK &&
            instance.start(instance.self, &call, &error) == REVENGE_OK,
        own.string() + " does not start");
}

}  // namespace

int main(int count, char** arguments) {
  const fs::path folder = arguments[1];
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 2; i < count; ++i) start(arguments[i], folder / std::to_string(i));
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
  fmt::print("{{\"plugins\": {}, \"ms\": {:.3f}}}\n", count - 2, taken.count());
}
