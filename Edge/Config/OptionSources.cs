using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Edge.Config;

/// <summary>Where options come from; a later source overrides an earlier one.</summary>
/// <param name="Files">JSON files that may be missing; none of them counts where the arguments name one.</param>
/// <param name="Environment">Variables whose names have two underscores for each colon.</param>
/// <param name="Arguments">As <see cref="OptionArguments"/> reads them.</param>
internal sealed record OptionSources(IReadOnlyList<string> Files, IConfigurationSource Environment, IReadOnlyList<string> Arguments)
{
    private const string FileName = "appsettings.json";

    /// <summary>The file of the machine, where a package puts it.</summary>
    internal const string MachineFile = "/etc/edge/" + FileName;

    /// <summary>
    /// The sources of this process: the file of the machine, the one beside the binary, the one in the current directory, the environment, the
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
