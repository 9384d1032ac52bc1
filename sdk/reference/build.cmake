# cmake -DDOXYGEN= -DCONFIGURATION= -DOUTPUT= -P build.cmake: makes the API reference. Fails if a
# public function has no word about it, or a word names what is not there. Fields of structs speak
# for themselves; what only the host and the wrapper pass each other (detail::, the ABI's structs) and
# what the language makes (moves, operators, overrides) is no author's business.
file(MAKE_DIRECTORY ${OUTPUT})
execute_process(COMMAND ${DOXYGEN} ${CONFIGURATION} RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "doxygen failed with ${code}")
endif()
file(STRINGS ${OUTPUT}/warnings.txt warnings)
set(faults "")
foreach(warning IN LISTS warnings)
  if(warning MATCHES "is not documented" AND
     (NOT warning MATCHES "\\(function\\)" OR warning MATCHES "detail::|serai_[a-z_]+ [*&]|&&other|operator| override"))
    continue()
  endif()
  list(APPEND faults "${warning}")
endforeach()
list(REMOVE_DUPLICATES faults)
if(faults)
  list(JOIN faults "\n  " faults)
  message(FATAL_ERROR "The reference has faults:\n  ${faults}")
endif()
message(STATUS "${OUTPUT}/html/index.html")
