/**
 * What shells are given. Candidates are data, names of resources among them, which anybody may have chosen: no shell
 * expands them, and what is put on the command line is quoted. (`compgen -W` would run a `$(…)` in them.)
 */
export const scripts = {
  bash: `_s3db_backup() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$(printf '%q' "$candidate")")
  done < <(s3db-backup __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
}
complete -o default -F _s3db_backup s3db-backup
`,
  zsh: `#compdef s3db-backup
_s3db_backup() {
  local -a candidates
  candidates=("\${(@f)$(s3db-backup __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
  (( \${#candidates[1]} )) && compadd -- "\${candidates[@]}" || _files
}
compdef _s3db_backup s3db-backup
`,
  fish: `function __s3db_backup_complete
  set -l words (commandline -opc) (commandline -ct)
  s3db-backup __complete -- $words[2..-1] 2>/dev/null </dev/null
end
complete -c s3db-backup -a '(__s3db_backup_complete)'
`,
} as const
