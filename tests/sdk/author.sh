#!/bin/sh
# The author's first minutes, from nothing but an installed SDK: author.sh BUILD C++COMPILER CCOMPILER FOLDER
set -eu
build=$1 cxx=$2 cc=$3 folder=$4
rm -rf "$folder"
cmake --install "$build" --prefix "$folder/prefix" --component sdk >/dev/null
cd "$folder"
prefix/bin/revenge new my-store
cd my-store
cmake --preset dev -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_C_COMPILER="$cc" \
  -DCMAKE_CXX_FLAGS=-Werror >configure.log || { cat configure.log; exit 1; }
ctest --preset dev

library=build/plugins/my-store/my-store.so
hash=$(sha256sum "$library" | cut -d' ' -f1)
grep -q "\"sha256\": \"$hash\"" build/plugins/my-store/plugin.json || { echo "the manifest lacks $hash"; exit 1; }
exports=$(nm -D --defined-only "$library" | cut -d' ' -f2-)
[ "$exports" = "T revenge_plugin_entry" ] || { echo "exports: $exports"; exit 1; }
if readelf -d "$library" | grep -E 'R(UN)?PATH|TEXTREL'; then exit 1; fi
../prefix/bin/revenge check --junit report.xml build/plugins/my-store || { echo "what the template makes is not clean"; exit 1; }
grep -q '<testsuites tests="[0-9]*" failures="0"' report.xml || { cat report.xml; exit 1; }
cmake --install build --prefix "$folder/host" --component plugins >/dev/null
cmp "$library" "$folder/host/lib/revenge/plugins/my-store/my-store.so"

# Two things an author must hear of when building, not when loading.
echo 'void missing(); void useIt() { missing(); }' >>greeter.cpp
if cmake --build --preset dev >build.log 2>&1 || ! grep -q missing build.log; then
  echo "a missing symbol did not fail the build"; exit 1
fi
