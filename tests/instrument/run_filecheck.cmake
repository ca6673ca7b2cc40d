# PRODUCE | FILECHECK TEST --check-prefixes=PREFIXES; either one's failure is the test's.
execute_process(COMMAND ${PRODUCE} COMMAND ${FILECHECK} ${TEST} --check-prefixes=${PREFIXES} --allow-unused-prefixes=false --dump-input=fail
  RESULTS_VARIABLE results)
list(GET results 0 produced)
list(GET results 1 checked)
if(NOT produced STREQUAL "0" OR NOT checked STREQUAL "0")
  message(FATAL_ERROR "the compiler returned ${produced}, FileCheck ${checked}")
endif()
