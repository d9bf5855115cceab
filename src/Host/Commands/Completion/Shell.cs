namespace Replication.Host.Commands.Completion;

/// <summary>A shell whose command lines can be completed.</summary>
internal enum Shell
{
    /// <summary>GNU bash, from 4.4.</summary>
    Bash,

    /// <summary>zsh, with compinit.</summary>
    Zsh,

    /// <summary>fish, from 3.4.</summary>
    Fish,
}
