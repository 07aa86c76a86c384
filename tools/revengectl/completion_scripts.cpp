#include "revengectl/completion.hpp"

namespace revenge::ctl {

namespace {

// Each line of the answer is a word, a tab and what it means; the line ":files" asks for names of files. The words go
// into the list as they are: nothing of them is evaluated.
constexpr std::string_view kBash = R"sh(# bash completion for revengectl: source <(revengectl completion bash)
_revengectl() {
  local word files=
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    if [[ $word == :files ]]; then
      files=1
    else
      COMPREPLY+=("$word ")
    fi
  done < <("${COMP_WORDS[0]/#\~/$HOME}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ $files ]]; then
    local begun=${COMP_WORDS[COMP_CWORD]}
    [[ $begun == = ]] && begun=
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$begun")
    ((${#COMPREPLY[@]} == 1)) && [[ ! -d ${COMPREPLY[0]} ]] && compopt +o nospace 2>/dev/null
  fi
}
complete -o nospace -F _revengectl revengectl
)sh";

constexpr std::string_view kZsh = R"sh(#compdef revengectl
# zsh completion for revengectl: source <(revengectl completion zsh)
_revengectl() {
  local line word files
  local -a words_shown words_told
  while IFS= read -r line; do
    word=${line%%$'\t'*}
    if [[ $word == :files ]]; then
      files=1
    else
      words_shown+=("$word")
      words_told+=("$word  ${line#*$'\t'}")
    fi
  done < <("${(Q)words[1]}" complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( $#words_shown )) && compadd -l -d words_told -a words_shown
  if [[ -n $files ]]; then
    compset -P '--[a-z-]##='
    _files
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _revengectl "$@"
else
  compdef _revengectl revengectl
fi
)sh";

constexpr std::string_view kFish = R"sh(# fish completion for revengectl: revengectl completion fish | source
function __revengectl
    set -l words (commandline -opc)
    set -l begun (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] "$begun" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$begun"
        else
            echo -- $line
        end
    end
end
complete -c revengectl -f -a '(__revengectl)'
)sh";

}  // namespace

std::string_view completionScript(std::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  return shell == "fish" ? kFish : "";
}

}  // namespace revenge::ctl
