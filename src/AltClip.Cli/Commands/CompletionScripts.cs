namespace AltClip.Cli.Commands;

/// <summary>
/// What shells run on Tab. Each asks <c>altclip "[suggest:CURSOR]" "LINE"</c>, the line without the command's own name; options are offered
/// only after a dash, and where nothing is left the shell offers files. An empty line is the answer where nothing may come.
/// </summary>
internal static class CompletionScripts
{
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["bash"] = """
            _altclip() {
                local line="${COMP_LINE:0:COMP_POINT}" word="${COMP_WORDS[COMP_CWORD]}" found
                line="${line#* }"
                COMPREPLY=()
                while IFS= read -r found; do
                    [[ -n $found && $found == "$word"* && ($word == -* || $found != -*) ]] && COMPREPLY+=("$found")
                done < <(altclip "[suggest:${#line}]" "$line" 2>/dev/null)
                # where embed offers its own command, it takes files too
                if [[ $line == embed\ * && " ${COMPREPLY[*]} " == *" verify "* ]]; then
                    compopt -o filenames 2>/dev/null
                    while IFS= read -r found; do COMPREPLY+=("$found"); done < <(compgen -f -- "$word")
                fi
            }
            complete -o default -F _altclip altclip

            """,
        ["zsh"] = """
            _altclip() {
                # of this command alone, whatever stands before it on the line
                local line="${(j: :)words[2,CURRENT-1]} $PREFIX" word="$PREFIX"
                line="${line# }"
                local -a found
                found=(${(f)"$(altclip "[suggest:${#line}]" "$line" 2>/dev/null)"})
                found=("${(@M)found:#$word*}")
                [[ $word == -* ]] || found=("${(@)found:#-*}")
                # where embed offers its own command, it takes files too
                if [[ $line == embed\ * ]] && (( ${found[(Ie)verify]} )); then compadd -- $found; _files; return; fi
                if (( ${#found} )); then compadd -- $found; else _files; fi
            }
            compdef _altclip altclip

            """,
        ["fish"] = """
            function __altclip_complete
                set -l line (commandline -cp | string replace -r '^\s*\S+\s+' '' | string collect)
                set -l word (commandline -ct)
                set -l found (altclip "[suggest:"(string length -- $line)"]" $line 2>/dev/null | string match -r '.+' | string match -- "$word*")
                string match -q -- '-*' $word; or set found (string match -v -- '-*' $found)
                string join \n -- $found
                # where embed offers its own command, it takes files too
                if test (count $found) -eq 0
                    __fish_complete_path $word
                else if string match -q -- 'embed *' $line; and contains -- verify $found
                    __fish_complete_path $word
                end
            end
            complete -c altclip -f -a '(__altclip_complete)'

            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName altclip -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $line = $commandAst.ToString().PadRight($cursorPosition).Substring(0, $cursorPosition) -replace '^\S+\s', ''
                $found = altclip "[suggest:$($line.Length)]" $line 2>$null |
                    Where-Object { $_ -and $_.StartsWith($wordToComplete) -and ($wordToComplete.StartsWith('-') -or -not $_.StartsWith('-')) } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
                $found
                # where embed offers its own command, it takes files too
                if ($line.StartsWith('embed ') -and $found.CompletionText -contains 'verify') {
                    [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
                }
            }

            """,
    };
}
