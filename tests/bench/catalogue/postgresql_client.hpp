// The reference on PostgreSQL: libpq, a connection of its own to the same server, values and answers as text, as the service
// has them.
#pragma once

#include <memory>
#include <string>

#include "film.hpp"

namespace bench {

std::unique_ptr<Client> postgresqlClient(const std::string& url);  // throws

}  // namespace bench
