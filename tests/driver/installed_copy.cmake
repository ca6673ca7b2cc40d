# Ravel installed into a folder, and a project elsewhere that finds it: BUILD, PROJECT, CLANGXX, FOLDER.
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})

function(expect status)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result STREQUAL status)
    message(FATAL_ERROR "status ${result} instead of ${status}: ${ARGN}\n${out}\n${err}")
  endif()
  set(output "${out}${err}" PARENT_SCOPE)
endfunction()

function(expect_text text)
  string(FIND "${output}" "${text}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "no '${text}' in:\n${output}")
  endif()
endfunction()

expect(0 ${CMAKE_COMMAND} --install ${BUILD} --prefix ${FOLDER}/installed)
# Moved: nothing in it may remember where it was put first.
file(RENAME ${FOLDER}/installed "${FOLDER}/moved here")
set(ravel "${FOLDER}/moved here")

expect(0 "${ravel}/bin/ravel++" -race ${PROJECT}/main.cpp -o ${FOLDER}/by_hand)
expect(66 ${FOLDER}/by_hand)

expect(0 ${CLANGXX} "--config=${ravel}/lib/ravel/ravel-race.cfg" ${PROJECT}/main.cpp -o ${FOLDER}/by_config)
expect(66 ${FOLDER}/by_config)

set(configure ${CMAKE_COMMAND} -G Ninja -S ${PROJECT} "-DCMAKE_PREFIX_PATH=${ravel}" -DCMAKE_BUILD_TYPE=RelWithDebInfo)
expect(0 ${configure} -B ${FOLDER}/build -DCMAKE_CXX_COMPILER=${CLANGXX})
expect(0 ${CMAKE_COMMAND} --build ${FOLDER}/build)
expect(0 ${FOLDER}/build/plain)
expect(66 ${FOLDER}/build/raced)
expect_text("main.cpp:9")
expect(66 ${FOLDER}/build/with_library)
expect_text("part.cpp:2")

expect(0 ${configure} -B ${FOLDER}/build_all -DCMAKE_CXX_COMPILER=${CLANGXX} -DRAVEL_RACE=ON)
expect(0 ${CMAKE_COMMAND} --build ${FOLDER}/build_all --target plain)
expect(66 ${FOLDER}/build_all/plain)

expect(1 ${configure} -B ${FOLDER}/build_gcc -DCMAKE_CXX_COMPILER=g++)
string(REGEX REPLACE "[ \n]+" " " output "${output}")
expect_text("Ravel's compiler plugin is for clang 19, this project uses GNU")
expect_text("configure with -DCMAKE_CXX_COMPILER=clang++-19")

file(REMOVE_RECURSE ${FOLDER})
