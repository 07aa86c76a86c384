# Sourced by the commands of this folder: where the checkout is, one-line reasons, a build with its time.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=${REVENGE_JOBS:-$(nproc)}

# fail REASON: the reason a step failed, in one line, and the end.
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# usage_from FILE: the comment at the head of a command is its help.
usage_from() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$1"; }

# configure PRESET [CMAKE ARGUMENT...]: only when the build folder is new, or has an option set otherwise.
configure() {
  local preset=$1 cache=$root/build/$1/CMakeCache.txt argument stale=no
  shift
  [[ -f $root/build/$preset/build.ninja ]] || stale=yes
  for argument in "$@"; do
    [[ $stale == yes ]] || grep -q "^${argument#-D}\$" "$cache" || stale=yes
  done
  [[ $stale == yes ]] || return 0
  mkdir -p "$root/build/$preset"
  local log=$root/build/$preset/configure.log
  (cd "$root" && cmake --preset "$preset" "$@") >"$log" 2>&1 ||
    { sed -n '/CMake Error/,$p' "$log" >&2; fail "cmake refused the configuration '$preset' ($log)"; }
}

# build PRESET [TARGET...]: quiet but for a counter on a terminal; shows the compiler's words when it fails.
build() {
  local preset=$1 folder=$root/build/$1 started=$SECONDS status=0 what
  shift
  local log=$folder/build.log
  NINJA_STATUS='[%f/%t] ' ninja -C "$folder" -j "$jobs" "$@" 2>&1 | tee "$log" | show_progress || status=$?
  if ((status)); then
    sed -n '/^FAILED:/,$p' "$log" | grep -v '^\[[0-9]*/[0-9]*\]' >&2 || cat "$log" >&2
    fail "build of '$preset' failed: $(grep -m1 -E 'error:|undefined (reference|symbol)|No such file' "$log" || tail -n1 "$log")"
  fi
  what=nothing\ changed
  grep -q '^ninja: no work to do' "$log" || what="$(grep -c '^\[[0-9]*/[0-9]*\]' "$log" || true) steps"
  printf '  built in %d s (%s)\n' $((SECONDS - started)) "$what"
}

# On a terminal the line of the last finished step, overwritten by the next; elsewhere nothing.
show_progress() {
  if [[ -t 1 ]]; then
    awk -v width="${COLUMNS:-$(tput cols 2>/dev/null || echo 80)}" \
      '/^\[[0-9]+\/[0-9]+\]/ { printf "\r\033[K%s", substr("  building " $0, 1, width - 1); fflush() } END { printf "\r\033[K" }'
  else
    cat >/dev/null
  fi
}

# run_tests PRESET CTEST-ARGUMENT...: where one or two integration tests fail and nothing else does, those once more, alone;
# what passes then is added to `unsteady`.
unsteady=()
run_tests() {
  local preset=$1 failed=() name
  shift
  ctest "$@" && return
  mapfile -t failed < <(sed 's/^[0-9]*://' "$root/build/$preset/Testing/Temporary/LastTestsFailed.log")
  ((${#failed[@]} >= 1 && ${#failed[@]} <= 2)) || return 1
  for name in "${failed[@]}"; do [[ $name == integration.* ]] || return 1; done
  printf -- '--- %s failed beside others; once more, alone\n' "${failed[*]}"
  ctest --test-dir "$root/build/$preset" --rerun-failed --parallel 1 --no-tests=error || return 1
  unsteady+=("${failed[@]/#/$preset }")
}
