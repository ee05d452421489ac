namespace Edge.Config;

/// <summary>The page that clients see in the place of an error of the balancer's own: Edge:Answers:ErrorPage.</summary>
internal static class ErrorPage
{
    /// <summary>Reads the file. Returns null, and adds a mistake, where it cannot be used.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="section">The key that the options of the service are below: <c>Edge</c> for the default service.</param>
    /// <param name="mistakes">Gets what is wrong.</param>
    internal static byte[]? Read(string path, string section, List<OptionMistake> mistakes)
    {
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

        mistakes.Add(new($"{section}:Answers:ErrorPage", path, why));
        return null;
    }
}
