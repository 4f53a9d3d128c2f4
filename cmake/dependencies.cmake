# Every third-party library, and the folders whose .cc files may include it. Why each is here, who keeps it and how
# large it is: docs/decisions/0002-dependencies.md.
find_package(Threads REQUIRED)

function(ledge_find_library VAR NAME)
  if(LEDGE_STATIC)
    find_library(${VAR} NAMES lib${NAME}.a REQUIRED)
  else()
    find_library(${VAR} NAMES ${NAME} REQUIRED)
  endif()
endfunction()
ledge_find_library(LIB_YAML yaml-cpp)
ledge_find_library(LIB_ZSTD zstd)
ledge_find_library(LIB_LZ4 lz4)
ledge_find_library(LIB_SNAPPY snappy)
ledge_find_library(LIB_ZLIB z)
ledge_find_library(LIB_BOOST_JSON boost_json)
ledge_find_library(LIB_RE2 re2)

# Debian has no static fmt; header-only it is the same in every build.
add_compile_definitions(FMT_HEADER_ONLY)
set(LEDGE_THIRD_PARTY_os Threads::Threads)
set(LEDGE_THIRD_PARTY_wire ${LIB_ZSTD} ${LIB_LZ4} ${LIB_SNAPPY} ${LIB_ZLIB})
set(LEDGE_THIRD_PARTY_state ${LIB_RE2} Threads::Threads)
set(LEDGE_THIRD_PARTY_config ${LIB_YAML})
set(LEDGE_THIRD_PARTY_cli ${LIB_BOOST_JSON})
