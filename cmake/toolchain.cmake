set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

# Dev: quick to compile, pleasant in a debugger, and every CHECK as in a release.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1 -fno-omit-frame-pointer")
set(CMAKE_C_FLAGS_DEV "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -ffunction-sections -fdata-sections")
set(CMAKE_EXE_LINKER_FLAGS_RELEASE "-Wl,--gc-sections -s")

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                    -Wimplicit-fallthrough -Wvla)
add_compile_definitions(_FILE_OFFSET_BITS=64)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside its own headers at -O2; both are known false alarms of that release.
  add_compile_options(-Wno-restrict $<$<COMPILE_LANGUAGE:CXX>:-Wno-dangling-pointer> -Wno-stringop-overflow)
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # libstdc++ 12 hides std::expected from clang before 19, which implements what it needs but says 201907.
  # Undefined first, or clang-tidy calls it redefined whatever the options say.
  add_compile_options("SHELL:$<$<COMPILE_LANGUAGE:CXX>:-U__cpp_concepts -D__cpp_concepts=202002L>" -Wno-builtin-macro-redefined -Wno-macro-redefined
                      -Wno-missing-field-initializers)
endif()

# Deliberate bugs that the rigs switch on to prove that they would be caught; never in the shipped program.
if(CMAKE_BUILD_TYPE STREQUAL "Dev")
  add_compile_definitions(LEDGE_SABOTAGE=1)
endif()

if(LEDGE_SANITIZE)
  add_compile_options(-fsanitize=${LEDGE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LEDGE_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-maybe-uninitialized)  # false alarms of g++ 12 in code that it instruments itself
  endif()
endif()
if(LEDGE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()
