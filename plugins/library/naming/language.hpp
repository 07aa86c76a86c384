// Languages as people write them in names, as BCP 47. Thread safety: constant tables and pure functions.
#pragma once

#include <string>
#include <string_view>

namespace library::naming {

// "en" of "en", "eng", "English" and "Inglés"; "pt-BR" of "pt-br", "pob" and "Brazilian Portuguese"; "zh-Hans" of "chs".
// Empty: it is the name of no language known here.
std::string languageTag(std::string_view word);

}  // namespace library::naming
