// Thread safety: a pure function.
#pragma once

#include <string>
#include <string_view>

namespace library::nfo {

// What people and some writers take for XML, as XML: an `&` that begins no reference and a `<` that begins
// nothing stand for themselves (HTML and addresses are put in as they are), a reference to a character that
// XML does not allow is U+FFFD, and comments are only the ends of their lines. CDATA stays.
std::string repaired(std::string_view xml);

}  // namespace library::nfo
