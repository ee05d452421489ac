namespace Edge.Io;

/// <summary>One record: a text, and the descriptors that came with it. They belong to the receiver.</summary>
internal sealed record DescriptorRecord(string Text, IReadOnlyList<int> Descriptors);
