// The reference on SQLite: its C interface, a connection of its own to the same file.
#pragma once

#include <memory>
#include <string>

#include "film.hpp"

namespace bench {

std::unique_ptr<Client> sqliteClient(const std::string& file);  // throws

}  // namespace bench
