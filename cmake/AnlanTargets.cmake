# Helpers that give every folder one target with the same flags, include layout and tests.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(tl-expected REQUIRED)
find_package(fmt REQUIRED)
find_package(simdjson REQUIRED)

add_library(anlan_flags INTERFACE)
target_compile_options(anlan_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror
  -Wno-restrict  # false with g++ 12 -O2 on std::string (GCC PR 105651)
  -fstack-protector-strong -fno-omit-frame-pointer
  # g++ 12 reports overlaps that do not exist in optimised std::string code (GCC bug 105651).
  "$<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU>>:-Wno-restrict>"
  "$<$<AND:$<CONFIG:Release>,$<NOT:$<BOOL:$<TARGET_PROPERTY:ANLAN_TEST>>>>:-D_FORTIFY_SOURCE=2>")
target_link_options(anlan_flags INTERFACE -fuse-ld=mold -Wl,-z,relro,-z,now)
if(ANLAN_SANITIZE)
  target_compile_options(anlan_flags INTERFACE -fsanitize=${ANLAN_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(anlan_flags INTERFACE -fsanitize=${ANLAN_SANITIZE})
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(ANLAN_TESTS)
  enable_testing()
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

# anlan_library(NAME [DEPS target...] [SYSTEM target...] [EMBED file...])
#
# One static library from the current folder: src/*.cpp (without *_test.cpp) or, in a module, every
# .cpp of its folders; include/ is public. DEPS are linked PUBLIC because their headers appear in
# ours; what only the sources need goes to SYSTEM (PRIVATE). *_test.cpp become the program
# NAME_test. EMBED files are linked in; see tools/embed.py for the accessor that it writes.
function(anlan_library name)
  cmake_parse_arguments(ARG "" "" "DEPS;SYSTEM;TEST_DEPS;EMBED" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$|_fuzz\\.cpp$|_bench\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(ARG_EMBED)
    set(embedded ${CMAKE_CURRENT_BINARY_DIR}/${name}_embedded.cpp)
    add_custom_command(OUTPUT ${embedded}
      COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tools/embed.py ${name} ${embedded} ${ARG_EMBED}
      WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
      DEPENDS ${ARG_EMBED} ${CMAKE_SOURCE_DIR}/tools/embed.py VERBATIM)
    list(APPEND sources ${embedded})
  endif()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/include)
    target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE anlan_flags ${ARG_SYSTEM})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/include)
    target_link_libraries(${name} INTERFACE ${ARG_DEPS})
  endif()
  if(ANLAN_TESTS AND tests)
    add_executable(${name}_test ${tests})
    # Optimising the tests' own code costs minutes of build time and tells nothing.
    set_target_properties(${name}_test PROPERTIES ANLAN_TEST ON)
    target_compile_options(${name}_test PRIVATE $<$<CONFIG:Release>:-O0>)
    target_link_libraries(${name}_test PRIVATE ${name} ${ARG_SYSTEM} ${ARG_TEST_DEPS} anlan_flags GTest::gtest_main)
    # g++ 12 -O3 believes in uninitialised strings of the tables that tests loop over.
    target_compile_options(${name}_test PRIVATE -Wno-maybe-uninitialized)
    gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST)
  endif()
  file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/*_fuzz.cpp)
  foreach(fuzzer ${fuzzers})
    get_filename_component(fuzzer_name ${fuzzer} NAME_WE)
    if(ANLAN_FUZZ)
      add_executable(${fuzzer_name} ${fuzzer})
      target_link_libraries(${fuzzer_name} PRIVATE ${name} anlan_flags)
      target_link_options(${fuzzer_name} PRIVATE -fsanitize=fuzzer)
    elseif(ANLAN_TESTS)
      # Without libFuzzer the same target replays its corpus, so a found input stays a test.
      add_executable(${fuzzer_name} ${fuzzer} ${CMAKE_SOURCE_DIR}/tools/fuzz_replay_main.cpp)
      target_link_libraries(${fuzzer_name} PRIVATE ${name} anlan_flags)
      add_test(NAME ${fuzzer_name} COMMAND ${fuzzer_name} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${fuzzer_name})
    endif()
  endforeach()
endfunction()

# anlan_module(NAME DEPS target... [SYSTEM target...]): a slice in modules/NAME, include root modules/.
# Its sql/*.sql and messages/*.json are embedded.
function(anlan_module name)
  cmake_parse_arguments(ARG "" "" "DEPS;SYSTEM;TEST_DEPS" ${ARGN})
  file(GLOB embed CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
    ${CMAKE_CURRENT_SOURCE_DIR}/sql/*.sql ${CMAKE_CURRENT_SOURCE_DIR}/messages/*.json
    ${CMAKE_CURRENT_SOURCE_DIR}/data/*.json)
  anlan_library(module_${name} DEPS ${ARG_DEPS} SYSTEM ${ARG_SYSTEM} TEST_DEPS ${ARG_TEST_DEPS} EMBED ${embed})
  # Modules include each other's api/ by its path from the root of the tree.
  get_target_property(type module_${name} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    target_include_directories(module_${name} INTERFACE ${CMAKE_SOURCE_DIR})
  else()
    target_include_directories(module_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  endif()
endfunction()
