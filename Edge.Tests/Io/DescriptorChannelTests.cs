using System.Net.Sockets;
using Edge.Io;

namespace Edge.Tests.Io;

public sealed class DescriptorChannelTests : IAsyncLifetime
{
    private readonly string _name = $"edge-test/{Guid.NewGuid()}";
    private DescriptorChannel _one = null!;
    private DescriptorChannel _other = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using Socket listener = DescriptorChannel.Listen(_name);
        _one = (await DescriptorChannel.ConnectAsync(_name, Cancellation))!;
        _other = new DescriptorChannel(await listener.AcceptAsync(Cancellation));
    }

    public ValueTask DisposeAsync()
    {
        _one.Dispose();
        _other.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Records_arrive_one_by_one_in_their_order()
    {
        _one.Send("first", []);
        _one.Send("second", []);
        Assert.Equal("first", (await _other.ReceiveAsync(Cancellation))!.Text);
        _other.Send("answer", []);
        Assert.Equal("second", (await _other.ReceiveAsync(Cancellation))!.Text);
        Assert.Equal("answer", (await _one.ReceiveAsync(Cancellation))!.Text);
    }

    [Fact]
    public async Task As_many_descriptors_as_are_allowed_arrive_and_each_is_the_same_open_file()
    {
        using var pair = new Pair();
        _one.Send("these", [.. Enumerable.Repeat(pair.Writing, DescriptorChannel.DescriptorsAtMost)]);
        DescriptorRecord record = (await _other.ReceiveAsync(Cancellation))!;
        Assert.Equal(DescriptorChannel.DescriptorsAtMost, record.Descriptors.Distinct().Count());
        foreach (int descriptor in record.Descriptors)
        {
            Assert.Equal(1, Write(descriptor));
            Assert.Equal(0, Libc.close(descriptor));
        }

        Assert.Equal(DescriptorChannel.DescriptorsAtMost, pair.Read());
        Assert.Throws<ArgumentOutOfRangeException>(() => _one.Send("too many", new int[DescriptorChannel.DescriptorsAtMost + 1]));
    }

    [Fact]
    public void The_kernel_says_who_is_at_the_other_end() =>
        Assert.Equal((Environment.ProcessId, Libc.geteuid()), _one.Peer());

    [Fact]
    public async Task The_end_of_the_other_is_told_after_what_it_said()
    {
        _one.Send("last", []);
        _one.Dispose();
        Assert.Equal("last", (await _other.ReceiveAsync(Cancellation))!.Text);
        Assert.Null(await _other.ReceiveAsync(Cancellation));
        Assert.Throws<IOException>(() => _other.Send("anybody?", []));
    }

    [Fact]
    public async Task Nobody_under_a_name_is_no_error_and_a_name_that_is_taken_is_one()
    {
        Assert.Null(await DescriptorChannel.ConnectAsync($"edge-test/{Guid.NewGuid()}", Cancellation));
        using Socket listener = DescriptorChannel.Listen(_name);
        Assert.Equal(SocketError.AddressAlreadyInUse, Assert.Throws<SocketException>(() => DescriptorChannel.Listen(_name)).SocketErrorCode);
    }

    private static unsafe nint Write(int descriptor)
    {
        byte one = 1;
        return Libc.write(descriptor, &one, 1);
    }

    private sealed unsafe class Pair : IDisposable
    {
        private readonly int _reading;

        internal Pair()
        {
            int* ends = stackalloc int[2];
            Assert.Equal(0, Libc.pipe2(ends, Libc.O_CLOEXEC));
            (_reading, Writing) = (ends[0], ends[1]);
        }

        internal int Writing { get; }

        internal int Read()
        {
            byte* into = stackalloc byte[1024];
            return (int)Libc.read(_reading, into, 1024);
        }

        public void Dispose()
        {
            Assert.Equal(0, Libc.close(_reading));
            Assert.Equal(0, Libc.close(Writing));
        }
    }
}
