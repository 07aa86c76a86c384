# revenge_add_plugin(NAME
#   SOURCES file...              plugin.cpp wires, the others are the domain; C sources are as welcome
#   [LINK target...]             libraries of the plugin
#   [TEST file...]               makes the program NAME_test (GoogleTest), which links the sources but plugin.cpp;
#                                a test that wants the plugin class includes plugin.cpp, one that wants the library loads
#                                REVENGE_PLUGIN_LIBRARY
#   [MANIFEST plugin.json]       default: plugin.json beside the CMakeLists.txt
#   [OUTPUT_DIRECTORY folder]    the package is made in folder/<id>; default: <build>/plugins
#   [NO_INSTALL])
#
# Makes the target NAME, the package folder <id>/{plugin.json,<id>.so} with the library's sha256 in the manifest,
# and installs it to lib/revenge/plugins/<id>. <build>/revenge-plugins/NAME.json says so to `revenge dev`. With an installed
# SDK, ctest builds what it runs: NAME_test stands behind NAME_test.build. Owns every flag that keeps a plugin loadable and unloadable:
# - the version script exports the entry alone and -fno-gnu-unique makes no unique symbol, so that nothing else in
#   the process binds to the library and it can be unmapped;
# - -z now and -z defs: a missing symbol fails the build, or at the latest the load, and never a request;
# - no RPATH; libstdc++ and libgcc_s stay shared, so that one unwinder serves the whole process.
set(REVENGE_PLUGIN_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR})

function(revenge_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 plugin "NO_INSTALL" "MANIFEST;OUTPUT_DIRECTORY" "SOURCES;LINK;TEST")
  if(plugin_UNPARSED_ARGUMENTS OR NOT plugin_SOURCES)
    message(FATAL_ERROR "revenge_add_plugin(${name}): expected SOURCES file..., got '${plugin_UNPARSED_ARGUMENTS}'")
  endif()
  if(NOT plugin_MANIFEST)
    set(plugin_MANIFEST plugin.json)
  endif()
  if(NOT plugin_OUTPUT_DIRECTORY)
    set(plugin_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  endif()
  cmake_path(ABSOLUTE_PATH plugin_MANIFEST NORMALIZE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${plugin_MANIFEST})
  file(READ ${plugin_MANIFEST} manifest)
  foreach(field id version)
    string(JSON ${field} ERROR_VARIABLE problem GET "${manifest}" ${field})
    if(problem)
      message(FATAL_ERROR "${plugin_MANIFEST}: ${field}: ${problem}")
    endif()
  endforeach()

  add_library(${name} MODULE ${plugin_SOURCES})
  revenge_plugin_compile(${name} ${id} ${version} "${plugin_LINK}")
  revenge_plugin_link(${name})
  set(package ${plugin_OUTPUT_DIRECTORY}/${id})
  set_target_properties(${name} PROPERTIES PREFIX "" OUTPUT_NAME ${id} SUFFIX .so LIBRARY_OUTPUT_DIRECTORY ${package})

  # With the link itself, so that building the one target never leaves a library beside the manifest of another.
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DMANIFEST=${plugin_MANIFEST} -DLIBRARY=$<TARGET_FILE:${name}>
            -DPACKAGED=${package}/plugin.json -P ${REVENGE_PLUGIN_CMAKE_DIR}/RevengeManifest.cmake
    COMMENT "Packaging plugin ${id} ${version}" VERBATIM)
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS
               ${plugin_MANIFEST} ${REVENGE_PLUGIN_CMAKE_DIR}/RevengeManifest.cmake)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/revenge-plugins/${name}.json @ONLY CONTENT
    [[{"id": "@id@", "target": "@name@", "manifest": "@plugin_MANIFEST@", "package": "@package@"}
]])
  if(NOT plugin_NO_INSTALL)
    install(FILES ${package}/plugin.json ${package}/${id}.so DESTINATION lib/revenge/plugins/${id} COMPONENT plugins)
  endif()

  if(plugin_TEST)
    list(FILTER plugin_SOURCES EXCLUDE REGEX "(^|/)plugin\\.cpp$")
    revenge_plugin_test(${name}_test ${id} ${version} "${plugin_TEST};${plugin_SOURCES}" "${plugin_LINK}")
    target_compile_definitions(${name}_test PRIVATE REVENGE_PLUGIN_LIBRARY="$<TARGET_FILE:${name}>")
    target_link_libraries(${name}_test PRIVATE ${CMAKE_DL_LIBS})
    add_dependencies(${name}_test ${name})
  endif()
endfunction()

# What every source file of a plugin is compiled with, in the library and in its test.
function(revenge_plugin_compile target id version link)
  target_compile_definitions(${target} PRIVATE REVENGE_PLUGIN_ID="${id}" REVENGE_PLUGIN_VERSION="${version}")
  target_compile_features(${target} PRIVATE c_std_11 cxx_std_23)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE Revenge::sdk ${link})
  if(TARGET revenge_flags)
    target_link_libraries(${target} PRIVATE revenge_flags)
  endif()
  set_target_properties(${target} PROPERTIES C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON CXX_EXTENSIONS OFF C_EXTENSIONS OFF
                        POSITION_INDEPENDENT_CODE ON)
endfunction()

function(revenge_plugin_link target)
  set(exports ${REVENGE_PLUGIN_CMAKE_DIR}/revenge_plugin.map)
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${exports})
  set_target_properties(${target} PROPERTIES SKIP_BUILD_RPATH ON INSTALL_RPATH "")
  target_link_options(${target} PRIVATE -Wl,--version-script=${exports} -Wl,-z,now,-z,relro -Wl,--build-id=sha1)
  get_directory_property(options COMPILE_OPTIONS)
  # Beside the host's libstdc++, libc++ must throw and catch by a runtime of its own. What is unused of it goes: a mention
  # of pthread_key_create alone keeps the library mapped (mold leaves it; ld and lld do not).
  if("${options} ${CMAKE_CXX_FLAGS}" MATCHES "-stdlib=libc\\+\\+")
    target_link_options(${target} PRIVATE $<$<LINK_LANGUAGE:CXX>:-static-libstdc++> -Wl,--gc-sections)
  endif()
  # The sanitizers' runtime is in the executable: its symbols are undefined here.
  if(NOT "${options} ${CMAKE_CXX_FLAGS} ${CMAKE_C_FLAGS}" MATCHES "-fsanitize=")
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
endfunction()

function(revenge_plugin_test target id version sources link)
  find_package(GTest REQUIRED)
  add_executable(${target} ${sources})
  revenge_plugin_compile(${target} ${id} ${version} "${link}")
  target_link_libraries(${target} PRIVATE GTest::gtest GTest::gtest_main)
  # A plugin.cpp that a test includes defines the entry there too: it is no export of a program.
  if(REVENGE_SDK_INSTALLED)
    # One at a time: they are builds of one build tree.
    add_test(NAME ${target}.build
             COMMAND ${CMAKE_COMMAND} --build ${CMAKE_BINARY_DIR} --config $<CONFIG> --target ${target})
    set_tests_properties(${target}.build PROPERTIES FIXTURES_SETUP ${target} RESOURCE_LOCK revenge_build TIMEOUT 1200)
    add_test(NAME ${target} COMMAND ${target})
    set_tests_properties(${target} PROPERTIES FIXTURES_REQUIRED ${target} LABELS plugin TIMEOUT 120)
  else()
    include(GoogleTest)
    gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS plugin TIMEOUT 120)
  endif()
endfunction()
