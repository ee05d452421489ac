namespace Edge.Io;

/// <summary>One record: a text, and the descriptors that came with it, which belong to whoever received it.</summary>
internal sealed record DescriptorRecord(string Text, IReadOnlyList<int> Descriptors);
