// Entity tags of answers, and If-Match against them (RFC 9110, 8.8.3 and 13.1.1). Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace library::api {

// Of what is shown, to the byte.
std::string strongEtag(std::string_view body);
// Of lists: the same content, not the same moment.
std::string weakEtag(std::string_view body);

// Of what has a revision, and shows beside it what no client sets (counts, states).
std::string revisionEtag(std::int64_t revision, std::string_view body);
// Whether If-Match names that revision, or any by "*". Rationale: of a tag made by revisionEtag() the revision alone counts:
// what a client is about to replace is as it saw it, also when a scan has counted on since.
bool namesRevision(std::string_view if_match, std::int64_t revision);

}  // namespace library::api
