# Compares the ABI of LIBRARY (a library that mentions every type of the headers) with the committed
# BASELINE, by libabigail. Enumerators are anonymous to it: layout.c pins their values.
#
# A difference means one of two things:
#   - a mistake: something shipped was removed, reordered or changed. Take it back.
#   - growth at the end of a struct or a new interface. Then SERAI_ABI_MINOR goes up, layout.c gets
#     the new lines, and the baseline is written anew by
#       cmake -DUPDATE=ON -DABIDW=abidw -DLIBRARY=<build>/tests/contract/abi/libabi_surface.so
#             -DBASELINE=tests/contract/abi/baseline.abi
#             -P tests/contract/abi/check_baseline.cmake
#     so that the review shows the difference.
if(NOT ABIDW OR ABIDW MATCHES "NOTFOUND")
  message(FATAL_ERROR "abidw is not installed (apt-get install abigail-tools)")
endif()
set(options --no-show-locs --no-corpus-path --no-comp-dir-path)
if(UPDATE)
  execute_process(COMMAND ${ABIDW} ${options} --out-file ${BASELINE}
                          ${LIBRARY} COMMAND_ERROR_IS_FATAL ANY)
  message(STATUS "Wrote ${BASELINE}")
  return()
endif()
execute_process(COMMAND ${ABIDIFF} --no-show-locs ${BASELINE} ${LIBRARY}
                RESULT_VARIABLE code OUTPUT_VARIABLE report ERROR_VARIABLE report)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "The ABI differs from its baseline (see this file's head for what to do):\n"
                      "${report}")
endif()
message(STATUS "The ABI is the committed one")
