using System.Threading.Channels;
using Docker.DotNet.Models;

namespace Edge.Drivers;

/// <summary>Events in their order; the framework's own Progress would lose the order.</summary>
internal sealed class EngineEvents : IProgress<Message>
{
    private readonly Channel<ContainerEvent> _channel = Channel.CreateUnbounded<ContainerEvent>();

    internal ChannelReader<ContainerEvent> Reader => _channel.Reader;

    internal ChannelWriter<ContainerEvent> Writer => _channel.Writer;

    public void Report(Message value)
    {
        IReadOnlyDictionary<string, string> attributes = (value.Actor?.Attributes ?? new Dictionary<string, string>()).AsReadOnly();
        string container = value.Type == "network" ? attributes.GetValueOrDefault("container", "") : value.Actor?.ID ?? "";
        _channel.Writer.TryWrite(new ContainerEvent(value.Type, value.Action, container, attributes));
    }
}
