# What .nfo files say: pure functions, compiled once for whoever reads them and for the tests. Whoever links the objects links
# library_nfo_libraries.
find_package(nlohmann_json REQUIRED)
pkg_check_modules(expat REQUIRED IMPORTED_TARGET expat)
set(library_nfo_libraries PkgConfig::expat PkgConfig::utf8proc nlohmann_json::nlohmann_json)
file(GLOB nfo CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/nfo/*.cpp)
add_library(library_nfo OBJECT ${nfo})
revenge_plugin_compile(library_nfo library "" "${library_nfo_libraries}")

if(REVENGE_TESTS)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/tests/nfo/*_test.cpp)
  revenge_plugin_test(library_nfo_test library 0.1.0
                      "${tests};$<TARGET_OBJECTS:library_nfo>;$<TARGET_OBJECTS:library_naming>"
                      "${library_nfo_libraries}")
endif()
