namespace Edge.Hosting;

/// <summary>The process cannot become the user of the options, or could not do its work as that user.</summary>
internal sealed class RunAsException(string message) : Exception(message);
