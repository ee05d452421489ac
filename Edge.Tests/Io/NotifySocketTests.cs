using System.Net.Sockets;
using Edge.Io;
using Edge.Tests.Backends;

namespace Edge.Tests.Io;

public class NotifySocketTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_arrives_whole_at_a_path_and_at_an_abstract_name(bool isAbstract)
    {
        using var manager = new NotifyListener(isAbstract);
        using NotifySocket socket = NotifySocket.Open(manager.Name);
        socket.Send("READY=1\nSTATUS=3 of 3 – läuft");
        Assert.Equal(["READY=1", "STATUS=3 of 3 – läuft"], await manager.NextAsync());
        socket.Send("STOPPING=1");
        Assert.Equal(["STOPPING=1"], await manager.NextAsync());
        Assert.Equal(manager.Name, socket.Name);
    }

    [Theory]
    [InlineData("vsock:2:1234")]
    [InlineData("run/notify")]
    [InlineData("/")]
    [InlineData("@")]
    public void What_is_no_name_of_a_Unix_socket_is_refused_with_its_name(string name) =>
        Assert.Contains($"NOTIFY_SOCKET is \"{name}\"", Assert.Throws<IOException>(() => NotifySocket.Open(name)).Message);

    [Fact]
    public void A_name_that_is_too_long_for_the_kernel_is_refused_with_its_name()
    {
        string name = "/" + new string('x', 200);
        Assert.Contains(name, Assert.Throws<IOException>(() => NotifySocket.Open(name)).Message);
    }

    [Fact]
    public void A_manager_that_is_not_there_is_said()
    {
        using var gone = new NotifyListener();
        using NotifySocket socket = NotifySocket.Open(gone.Name);
        gone.Dispose();
        Assert.Throws<IOException>(() => socket.Send("READY=1"));
    }

    [Fact]
    public void A_message_longer_than_a_manager_reads_is_refused()
    {
        using var manager = new NotifyListener();
        using NotifySocket socket = NotifySocket.Open(manager.Name);
        socket.Send(new string('x', 4096));
        Assert.Throws<IOException>(() => socket.Send(new string('x', 4097)));
    }

    [Fact]
    public void A_manager_that_reads_nothing_delays_the_balancer_for_a_bounded_time()
    {
        using var manager = new NotifyListener();
        using NotifySocket socket = NotifySocket.Open(manager.Name);
        IOException? full = null;

        // As many as the kernel lets wait (net.unix.max_dgram_qlen), and then one that it does not.
        for (int i = 0; i < 100_000 && full is null; i++)
        {
            full = Record.Exception(() => socket.Send("STATUS=x")) as IOException;
        }

        Assert.NotNull(full);
        Assert.IsType<SocketException>(full.InnerException);
    }
}
