namespace Edge.Config;

/// <summary>Which of the files that options name are read with them.</summary>
/// <param name="Pages">Whether the pages are read that are shown in the place of errors.</param>
/// <param name="Environments">
/// Whether the file of a service's <c>Docker:EnvFile</c> is read, by the service's name; the default service's is empty.
/// </param>
internal sealed record OptionFileReads(bool Pages, Predicate<string> Environments)
{
    /// <summary>Everything, for a start.</summary>
    internal static OptionFileReads AtStart { get; } = new(Pages: true, _ => true);

    /// <summary>Nothing, for a call of a running balancer.</summary>
    internal static OptionFileReads None { get; } = new(Pages: false, _ => false);

    /// <summary>
    /// For a reload. The environment of a service that is there already cannot change, and the user that the process has become may not be allowed to
    /// read it again; a service that is new needs its own.
    /// </summary>
    /// <param name="present">The options that hold.</param>
    internal static OptionFileReads AtReload(LoadedOptions present) =>
        new(Pages: true, name => name.Length > 0 && present.Services.All(service => service.Name != name)) { User = present.Options!.User };

    /// <summary>The user that the process has become since its start, who has to be allowed to read them; empty if it has not.</summary>
    private string User { get; init; } = "";

    /// <summary>Reads the file with the environment of a service's new containers.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="mistakes">Gets what is wrong with it.</param>
    internal IReadOnlyList<string> ReadEnvironment(string path, List<OptionMistake> mistakes)
    {
        int before = mistakes.Count;
        IReadOnlyList<string> variables = EnvFile.Read(path, Environment.GetEnvironmentVariable, mistakes);
        for (int i = before; i < mistakes.Count && User.Length > 0; i++)
        {
            mistakes[i] = mistakes[i] with { Allowed = $"{mistakes[i].Allowed} (a reload reads it as the user {User})" };
        }

        return variables;
    }
}
