# Installs the SDK component of BUILD (already built) into WORK/prefix, fills the template in as `serai plugin new`
# does, builds it there against nothing but the prefix, runs its tests and looks at its symbols.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGV} failed:\n${out}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${WORK}/prefix)

file(GLOB_RECURSE templates RELATIVE ${WORK}/prefix/share/serai/template/files
     ${WORK}/prefix/share/serai/template/files/*)
if(NOT templates)
  message(FATAL_ERROR "The template was not installed")
endif()
set(NAME travel-notes)
set(TABLE travel_notes)
set(CLASS TravelNotes)
set(TITLE "Travel notes")
foreach(template ${templates})
  string(CONFIGURE "${template}" target @ONLY)
  configure_file(${WORK}/prefix/share/serai/template/files/${template} ${WORK}/plugin/${target} @ONLY)
  file(READ ${WORK}/plugin/${target} content)
  if(content MATCHES "@[A-Z]+@")
    message(FATAL_ERROR "${template} has an undocumented placeholder ${CMAKE_MATCH_0}")
  endif()
endforeach()

set(flags "")
if(SANITIZE)
  set(flags "-fsanitize=${SANITIZE}")
endif()
set(link_flags "")
if(COVERAGE)
  set(link_flags "--coverage")  # what was installed counts its lines
endif()
run(${CMAKE_COMMAND} -S ${WORK}/plugin -B ${WORK}/build -G ${GENERATOR} -DCMAKE_BUILD_TYPE=Debug
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_CXX_FLAGS=${flags}
    -DCMAKE_EXE_LINKER_FLAGS=${link_flags}
    -DCMAKE_CXX_FLAGS_DEBUG=-O0\ -g1 -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${CTEST} --test-dir ${WORK}/build --output-on-failure)
if(NOT output MATCHES "100% tests passed, 0 tests failed out of 2")
  message(FATAL_ERROR "The template's tests did not both run:\n${output}")
endif()

run(${READELF} -W --dyn-syms ${WORK}/build/plugins/travel-notes.so)
string(REGEX MATCHALL "[^\n]+(GLOBAL|WEAK|UNIQUE) +DEFAULT +[0-9]+ [^\n]+" exports "${output}")
list(LENGTH exports count)
if(NOT count EQUAL 1 OR NOT exports MATCHES "serai_plugin_entry_v1")
  message(FATAL_ERROR "The plugin exports ${count} symbols:\n${exports}")
endif()

# A changed manifest must reach the file without anybody thinking of it.
file(READ ${WORK}/plugin/plugin.yaml manifest)
string(REPLACE "version: 0.1.0" "version: 0.2.0" manifest "${manifest}")
file(WRITE ${WORK}/plugin/plugin.yaml "${manifest}")
file(WRITE ${WORK}/plugin/migrations/002_more.up.sql "CREATE TABLE travel_notes_more (id bigint);\n")
run(${CMAKE_COMMAND} --build ${WORK}/build --target travel-notes)
file(STRINGS ${WORK}/build/plugins/travel-notes.so texts REGEX "version: 0.2.0|002_more.up.sql")
list(LENGTH texts count)
if(count LESS 2)
  message(FATAL_ERROR "The plugin was not rebuilt after its manifest and migrations changed")
endif()
file(REMOVE_RECURSE ${WORK})
