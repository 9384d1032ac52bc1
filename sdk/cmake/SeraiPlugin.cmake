# How a plugin is built, in the source tree and outside of it alike:
#
#   serai_add_plugin(<name> SOURCES a.cpp ... [MANIFEST plugin.yaml] [MIGRATIONS migrations]
#                    [LIBS library ...])
#     Target <name>: <name>.so, exporting serai_plugin_entry_v1 and nothing else, with manifest and
#     migrations in the section .serai.manifest. Target <name>_objects: the same code for linking
#     into a test. Test check_<name>: proves what the loader will demand.
#
#   serai_add_plugin_test(<name> PLUGIN <plugin> SOURCES a.cpp ... [LIBS library ...])
#     A GoogleTest binary with the plugin's code and the fake host (Serai::Testing) inside.
include_guard(GLOBAL)


function(serai_add_plugin name)
  cmake_parse_arguments(PLUGIN "" "MANIFEST;MIGRATIONS" "SOURCES;LIBS" ${ARGN})
  if(PLUGIN_UNPARSED_ARGUMENTS OR NOT PLUGIN_SOURCES)
    message(FATAL_ERROR "serai_add_plugin(${name}): needs SOURCES; does not know "
                        "'${PLUGIN_UNPARSED_ARGUMENTS}'")
  endif()
  if(NOT PLUGIN_MANIFEST)
    set(PLUGIN_MANIFEST plugin.yaml)
  endif()
  cmake_path(ABSOLUTE_PATH PLUGIN_MANIFEST BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
  cmake_path(GET PLUGIN_MANIFEST PARENT_PATH folder)
  if(NOT PLUGIN_MIGRATIONS AND IS_DIRECTORY ${folder}/migrations)
    set(PLUGIN_MIGRATIONS ${folder}/migrations)
  endif()
  set(migrations "")
  if(PLUGIN_MIGRATIONS)
    cmake_path(ABSOLUTE_PATH PLUGIN_MIGRATIONS BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    file(GLOB migrations CONFIGURE_DEPENDS ${PLUGIN_MIGRATIONS}/*.sql)
    list(SORT migrations)
  endif()

  # A list of files in a file of its own, so that a removed migration rebuilds the bundle too.
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("CXX" IN_LIST languages)
    set(extension cpp)
  else()
    set(extension c)
  endif()
  set(work ${CMAKE_CURRENT_BINARY_DIR}/${name}_bundle)
  set(bundle ${work}/entry.${extension})
  string(REPLACE ";" "\n" list "${PLUGIN_MANIFEST};${migrations}")
  file(CONFIGURE OUTPUT ${work}/files.txt CONTENT "${list}\n" @ONLY)
  add_custom_command(
    OUTPUT ${bundle}
    COMMAND ${CMAKE_COMMAND} -DFILES=${work}/files.txt -DFOLDER=${folder} -DOUTPUT=${bundle}
            -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/SeraiBundle.cmake
    DEPENDS ${PLUGIN_MANIFEST} ${migrations} ${work}/files.txt
            ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/SeraiBundle.cmake
    COMMENT "Bundling manifest and migrations of ${name}" VERBATIM)

  add_library(${name}_objects OBJECT ${PLUGIN_SOURCES} ${bundle})
  target_link_libraries(${name}_objects PUBLIC Serai::Sdk ${PLUGIN_LIBS})
  if("CXX" IN_LIST languages)
    target_compile_features(${name}_objects PUBLIC cxx_std_20)
    serai_no_unique_symbols(${name}_objects)
    # Halves the time from save to answer; costs the first build as much. `serai plugin dev` wants it.
    if(TARGET serai_plugin_headers AND NOT "${PLUGIN_SOURCES}" MATCHES "\\.c(;|$)")
      target_precompile_headers(${name}_objects REUSE_FROM serai_plugin_headers)
    elseif(SERAI_PLUGIN_PCH)
      target_precompile_headers(${name}_objects
        PRIVATE $<$<COMPILE_LANGUAGE:CXX>:<serai/plugin.hpp$<ANGLE-R>>)
    endif()
  endif()
  if(TARGET serai_flags)
    target_link_libraries(${name}_objects PRIVATE serai_flags)
  endif()
  set_target_properties(${name}_objects PROPERTIES
    POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)

  set(script ${work}/exports.map)
  file(CONFIGURE OUTPUT ${script} CONTENT "{ global: serai_plugin_entry_v1; local: *; };\n" @ONLY)
  add_library(${name} MODULE)
  target_link_libraries(${name} PRIVATE ${name}_objects)
  if("CXX" IN_LIST languages)
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  else()
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
  endif()
  target_link_options(${name} PRIVATE -Wl,--version-script=${script} -Wl,--exclude-libs,ALL
                      -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
  # A sanitizer's run-time is in the executable: its symbols are undefined here by design.
  set(all_flags "${SERAI_SANITIZE} ${CMAKE_CXX_FLAGS} ${CMAKE_C_FLAGS}")
  if(NOT SERAI_SANITIZE AND NOT all_flags MATCHES "-fsanitize")
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
  set(output ${CMAKE_BINARY_DIR}/plugins)
  if(CMAKE_LIBRARY_OUTPUT_DIRECTORY)
    set(output ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/serai/plugins)
  endif()
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so" LINK_DEPENDS ${script} LIBRARY_OUTPUT_DIRECTORY ${output}
    SKIP_BUILD_RPATH ON SKIP_INSTALL_RPATH ON)

  if(SERAI_TESTS OR BUILD_TESTING)
    find_program(SERAI_READELF NAMES ${CMAKE_READELF} readelf REQUIRED)
    add_test(NAME check_${name}
             COMMAND ${CMAKE_COMMAND} -DREADELF=${SERAI_READELF} -DPLUGIN=$<TARGET_FILE:${name}>
                     -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/SeraiCheckPlugin.cmake)
  endif()
endfunction()

function(serai_add_plugin_test name)
  cmake_parse_arguments(TEST "" "PLUGIN" "SOURCES;LIBS" ${ARGN})
  if(TEST_UNPARSED_ARGUMENTS OR NOT TEST_SOURCES OR NOT TEST_PLUGIN)
    message(FATAL_ERROR "serai_add_plugin_test(${name}): needs PLUGIN and SOURCES")
  endif()
  find_package(GTest REQUIRED)
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE ${TEST_PLUGIN}_objects Serai::Testing ${TEST_LIBS}
                                        GTest::gtest GTest::gmock GTest::gtest_main)
  if(TARGET serai_flags)
    target_link_libraries(${name} PRIVATE serai_flags)
  endif()
  if(TARGET serai_plugin_test_headers)
    target_precompile_headers(${name} REUSE_FROM serai_plugin_test_headers)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()

# Unique symbols pin a library in memory for ever and are shared between plugins; only some
# compilers make them, and only those have the flag.
function(serai_no_unique_symbols target)
  include(CheckCXXCompilerFlag)
  check_cxx_compiler_flag(-fno-gnu-unique SERAI_HAS_NO_GNU_UNIQUE)
  if(SERAI_HAS_NO_GNU_UNIQUE)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
  endif()
endfunction()
