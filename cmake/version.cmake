# Writes OUT, a table with the version, commit and compiler, whenever they change (run at every build: one git call).
execute_process(COMMAND git -C ${SOURCE_DIR} rev-parse --short=12 HEAD OUTPUT_VARIABLE COMMIT ERROR_QUIET
                OUTPUT_STRIP_TRAILING_WHITESPACE)
if(COMMIT)
  execute_process(COMMAND git -C ${SOURCE_DIR} status --porcelain --untracked-files=no OUTPUT_VARIABLE CHANGED ERROR_QUIET)
  if(CHANGED)
    string(APPEND COMMIT "-dirty")
  endif()
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT [[
// Written by cmake/version.cmake.
#define LEDGE_VERSION "@VERSION@"
#define LEDGE_COMMIT "@COMMIT@"
#define LEDGE_COMPILER "@COMPILER@"
#define LEDGE_BUILD "@BUILD@"
]] @ONLY)
