using System.Net;
using System.Net.Sockets;
using Edge.Certificates;
using Edge.Config;

namespace Edge.Cli;

/// <summary>
/// <c>edge check</c>: says everything that is wrong with the options, or where each option comes from that is not at its default. It also says what
/// on this machine would keep the balancer from serving with them, as far as that can be seen without starting it.
/// </summary>
internal static class CheckVerb
{
    /// <summary>Returns the exit code: 64 for a mistake in the options, 69 if the machine lacks something that they name.</summary>
    /// <param name="loaded">The options from all sources.</param>
    /// <param name="output">Gets the options.</param>
    /// <param name="errors">Gets the mistakes.</param>
    internal static int Run(LoadedOptions loaded, TextWriter output, TextWriter errors)
    {
        foreach (OptionFile file in loaded.Files)
        {
            output.WriteLine($"{file.Path}: {(file.IsThere ? "read" : "not there")}");
        }

        loaded.Mistakes.ToList().ForEach(mistake => errors.WriteLine($"edge: {mistake}"));
        if (loaded.Options is not { } options)
        {
            return ExitCodes.Usage;
        }

        WriteValues(loaded, output);
        List<string> lacks = [];
        foreach (IPEndPoint endpoint in options.Endpoints())
        {
            CheckAddress(endpoint, output, lacks);
        }

        CheckAccessLog(options.AccessLog, lacks);
        (IReadOnlyList<string> good, IReadOnlyList<string> bad) = CertificateCheck.Run(options, DateTimeOffset.UtcNow);
        good.ToList().ForEach(output.WriteLine);
        lacks.AddRange(bad);
        lacks.ForEach(lack => errors.WriteLine($"edge: {lack}"));
        if (lacks.Count > 0)
        {
            return ExitCodes.Unavailable;
        }

        output.WriteLine("no mistake found");
        return ExitCodes.Ok;
    }

    // The token, commands and environments are shown only as far as the status shows them.
    private static void WriteValues(LoadedOptions loaded, TextWriter output)
    {
        IReadOnlyDictionary<string, string> shown = loaded.Shown();
        StyledText[][] rows = [.. OptionsCatalog.All.Zip(loaded.Origins).Where(option => option.Second is not null)
            .Select(option => new StyledText[] { option.First.Key, shown[option.First.Key], option.Second! })];
        if (rows.Length > 0)
        {
            var sheet = new TextTable();
            sheet.Table([["OPTION", "VALUE", "FROM"], .. rows]);
            sheet.Write(output, colours: false);
        }

        output.WriteLine(rows.Length > 0 ? "all others are at their defaults" : "all options are at their defaults");
    }

    private static void CheckAddress(IPEndPoint endpoint, TextWriter output, List<string> lacks)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // The socket does not listen, so it takes no connection from a balancer that does.
            socket.Bind(endpoint);
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            output.WriteLine($"{endpoint} is taken now; where it is by a balancer, edge {OptionArguments.TakeOver} takes its place");
        }
        catch (SocketException refused)
        {
            lacks.Add($"cannot listen at {endpoint}: {refused.Message}");
        }
    }

    private static void CheckAccessLog(AccessLogOptions log, List<string> lacks)
    {
        if (log.File.Length == 0)
        {
            return;
        }

        string path = Path.GetFullPath(log.File);
        try
        {
            if (Directory.Exists(path))
            {
                lacks.Add($"Edge:AccessLog:File is \"{log.File}\", which is a folder");
            }
            else if (File.Exists(path))
            {
                File.Open(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
            }
            else if (!Directory.Exists(Path.GetDirectoryName(path)))
            {
                lacks.Add($"Edge:AccessLog:File is \"{log.File}\", and its folder is not there");
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            lacks.Add($"Edge:AccessLog:File is \"{log.File}\", which cannot be written to: {refused.Message}");
        }
    }
}
