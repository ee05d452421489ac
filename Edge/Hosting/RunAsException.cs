namespace Edge.Hosting;

/// <summary>The process cannot become whom the options say, or could not do its work as that.</summary>
internal sealed class RunAsException(string message) : Exception(message);
