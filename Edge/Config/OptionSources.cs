using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Edge.Config;

/// <summary>The sources of the options; a later source overrides an earlier one.</summary>
/// <param name="Files">JSON files that may be missing; none of them is read if the arguments name one.</param>
/// <param name="Environment">Variables whose names have two underscores for each colon.</param>
/// <param name="Arguments">In the form that <see cref="OptionArguments"/> reads.</param>
internal sealed record OptionSources(IReadOnlyList<string> Files, IConfigurationSource Environment, IReadOnlyList<string> Arguments)
{
    private const string FileName = "appsettings.json";

    /// <summary>The file of the machine, which a package installs.</summary>
    internal const string MachineFile = "/etc/edge/" + FileName;

    /// <summary>
    /// The sources of this process: the file of the machine, the file beside the binary, the file in the current directory, the environment, the
    /// arguments.
    /// </summary>
    internal static OptionSources OfProcess(IReadOnlyList<string> arguments)
    {
        string besideBinary = Path.Combine(AppContext.BaseDirectory, FileName);
        string here = Path.Combine(System.Environment.CurrentDirectory, FileName);
        string[] files = [.. new[] { MachineFile, besideBinary, here }.Distinct()];
        return new OptionSources(files, new EnvironmentVariablesConfigurationSource(), arguments);
    }
}
