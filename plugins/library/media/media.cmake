# What a media file is, by its content: pure functions and the reads of a sample, compiled once for whoever probes and for the
# tests.
find_package(nlohmann_json REQUIRED)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
set(media_libraries nlohmann_json::nlohmann_json PkgConfig::utf8proc PkgConfig::xxhash)
add_library(library_media OBJECT
            media/facts_json.cpp media/probe.cpp media/sample.cpp media/tags.cpp media/values.cpp)
revenge_plugin_compile(library_media library "" "${media_libraries}")

if(REVENGE_TESTS)
  file(GLOB media_tests CONFIGURE_DEPENDS tests/media/*_test.cpp)
  revenge_plugin_test(library_media_test library 0.1.0
                      "${media_tests};$<TARGET_OBJECTS:library_media>;$<TARGET_OBJECTS:library_naming>" "${media_libraries}")
endif()
