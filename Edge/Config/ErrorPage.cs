namespace Edge.Config;

/// <summary>The pages that clients see in the place of errors of the balancer's own: Edge:Answers:ErrorPage and Edge:Answers:MaintenancePage.</summary>
internal static class ErrorPage
{
    /// <summary>Reads the files that the options of a service name. Adds a mistake where one cannot be used.</summary>
    /// <param name="answers">Of the service.</param>
    /// <param name="section">The key that the options of the service are below: <c>Edge</c> for the default service.</param>
    /// <param name="mistakes">Gets what is wrong.</param>
    internal static AnswerOptions Read(AnswerOptions answers, string section, List<OptionMistake> mistakes) => answers with
    {
        Page = Read(answers.ErrorPage, $"{section}:Answers:ErrorPage", mistakes),
        WhileStopped = Read(answers.MaintenancePage, $"{section}:Answers:MaintenancePage", mistakes),
    };

    private static byte[]? Read(string path, string key, List<OptionMistake> mistakes)
    {
        if (path.Length == 0)
        {
            return null;
        }

        string why;
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] read = new byte[Limits.ErrorPageBytes + 1];
            int length = file.ReadAtLeast(read, read.Length, throwOnEndOfStream: false);
            if (length <= Limits.ErrorPageBytes)
            {
                return read[..length];
            }

            why = $"allowed is a file of up to {Limits.ErrorPageBytes} bytes";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"it cannot be read: {e.Message}";
        }

        mistakes.Add(new(key, path, why));
        return null;
    }
}
