# The short form of tools/package/check_package, in no root of its own: examples/project cloned and taken through its ci.sh, by CMake and by bare
# ravel++, with Ravel installed into a folder. BUILD, SOURCE, FOLDER.
file(REMOVE_RECURSE ${FOLDER})
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "status ${result}: ${ARGN}\n${out}\n${err}")
  endif()
  set(out "${out}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${FOLDER}/installed)
run(${CMAKE_COMMAND} -E env "PATH=${FOLDER}/installed/bin:$ENV{PATH}" CMAKE_PREFIX_PATH=${FOLDER}/installed CMAKE_GENERATOR=Ninja
  ${SOURCE}/tools/package/clone_to_report ${SOURCE}/examples/project ${FOLDER}/clones cmake/faster ravel++/main)
message("${out}")

run(python3 ${SOURCE}/tests/report/validate.py ${SOURCE}/tests/report/schemas/sarif-2.1.0.json ${FOLDER}/clones/cmake.faster.sarif)

find_program(CHROMIUM chromium)
function(expect_in_browser page text)
  if(NOT CHROMIUM)
    return()
  endif()
  run(${CMAKE_COMMAND} -E env HOME=${FOLDER} ${CHROMIUM} --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir=${FOLDER}/profile
    --dump-dom file://${FOLDER}/clones/${page})
  string(REGEX REPLACE "<script.*" "" out "${out}")  # what is drawn, not what it is drawn from
  string(FIND "${out}" "${text}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${page} does not show '${text}':\n${out}")
  endif()
endfunction()
expect_in_browser(cmake.faster.html "data race in box_office::")
expect_in_browser(cmake.faster.html "The schedule, step by step")
expect_in_browser(cmake.faster.html "class=\"missing\"")
expect_in_browser(ravel++.main.html "Nothing found in 1000 schedules")
file(REMOVE_RECURSE ${FOLDER})
