# What the interface to clients reads and writes, without HTTP and SQL: compiled once for the plugin and the tests. Whoever
# links the objects links library_api_libraries.
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json REQUIRED)
set(library_api_libraries OpenSSL::Crypto nlohmann_json::nlohmann_json PkgConfig::utf8proc)
file(GLOB api CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/api/*.cpp)
add_library(library_api OBJECT ${api})
revenge_plugin_compile(library_api library "" "${library_api_libraries}")

if(REVENGE_TESTS)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/tests/api/*_test.cpp)
  revenge_plugin_test(library_api_test library 0.1.0
                      "${tests};${CMAKE_CURRENT_SOURCE_DIR}/catalogue/id.cpp;$<TARGET_OBJECTS:library_api>;$<TARGET_OBJECTS:library_naming>"
                      "${library_api_libraries}")
endif()
