// Packages that provide what the one under check requires and the hostile host does not offer: they live beside it in the
// same host, which does nothing to them. Thread safety: plain values and functions.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "revenge-check/package.hpp"

namespace revenge::check {

using ReadPackage = std::function<Package(const std::filesystem::path&)>;

// Those in the folders `with`, all of them, then those that are required and lie beside the package or one found before: each
// behind what it requires itself. One that cannot be loaded is left out.
std::vector<Package> findCompanions(const Package& package, std::span<const std::filesystem::path> with,
                                    const ReadPackage& read);

}  // namespace revenge::check
