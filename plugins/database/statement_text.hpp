// What can be told of a statement by its text alone.
#pragma once

#include <string>
#include <string_view>

namespace database {

// By its first word. Neither: not sure, such as WITH.
bool looksLikeRead(std::string_view text);
bool looksLikeWrite(std::string_view text);

// Begins, ends or divides a transaction, or changes the session that others use after it.
bool controlsSession(std::string_view text);

// Without what stands in quotes and without comments, shortened: fit for a log.
std::string redacted(std::string_view text);

}  // namespace database
