namespace Replication.Host.Commands.Completion;

/// <summary>
/// The scripts. Each hands the words before the cursor to the program and takes what it prints; where that is
/// nothing, files are completed.
/// </summary>
internal static class CompletionScripts
{
    // A word's part before its last = is bash's own word: what was before it must not come twice.
    private const string Bash =
        """
        # bash completion of replication; load it by: source <(replication completion bash)
        _replication() {
            local words candidate
            read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
            [[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && words+=('')
            COMPREPLY=()
            while IFS= read -r candidate; do
                [[ ${words[-1]} == *=* && $COMP_WORDBREAKS == *=* ]] && candidate=${candidate#*=}
                COMPREPLY+=("$candidate")
            done < <(PROGRAM __complete "${words[@]:1}" 2>/dev/null)
        }
        complete -o bashdefault -o default -F _replication replication

        """;

    // Found by compinit in $fpath, the whole text is the function's first call: then it completes at once.
    private const string Zsh =
        """
        #compdef replication
        # zsh completion of replication; load it, after compinit, by: source <(replication completion zsh)
        _replication() {
            local -a candidates
            candidates=("${(@f)$(PROGRAM __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
            candidates=("${(@)candidates:#}")
            if (( ${#candidates} )); then
                compadd -- "${candidates[@]}"
            else
                [[ $PREFIX == -*=* ]] && compset -P '*='
                _files
            fi
        }
        if [[ $funcstack[1] == _replication ]]; then
            _replication "$@"
        else
            compdef _replication replication
        fi

        """;

    private const string Fish =
        """
        # fish completion of replication; load it by: replication completion fish | source
        function __replication_candidates
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            set -l candidates (PROGRAM __complete $words[2..-1] "$current" 2>/dev/null)
            if set -q candidates[1]
                printf '%s\n' $candidates
            else
                set -l option (string match -r -- '^-[^=]*=' "$current")
                for path in (__fish_complete_path (string replace -r -- '^-[^=]*=' '' "$current"))
                    printf '%s\n' "$option$path"
                end
            end
        end
        complete -c replication -f -a '(__replication_candidates)'

        """;

    /// <summary>The script for a shell, for the program as it runs now.</summary>
    public static string Of(Shell shell)
    {
        string script = shell switch
        {
            Shell.Bash => Bash,
            Shell.Zsh => Zsh,
            Shell.Fish => Fish,
            _ => throw new InvalidOperationException($"there is no script for {shell}"),
        };
        return script.Replace("PROGRAM", Program(), StringComparison.Ordinal);
    }

    /// <summary>
    /// The program by its path: a shell's function cannot call an alias. It is the executable of its own, or
    /// dotnet with the assembly.
    /// </summary>
    private static string Program()
    {
        string process = Environment.ProcessPath ?? "replication";
        string assembly = typeof(CompletionScripts).Assembly.Location;
        return Path.GetFileNameWithoutExtension(process) == "dotnet"
            ? $"{Quoted(process)} {Quoted(assembly)}"
            : Quoted(process);
    }

    private static string Quoted(string path) =>
        $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
