using System.Net.Sockets;
using Edge.Drivers;
using Edge.Fleet;

namespace Edge.Tests.Drivers;

public sealed class UnreachableEngineTests
{
    private const string Path = "/run/engine/docker.sock";

    // As the kernel wrote it when a socket that was mounted as a file was removed on the other side.
    private const string Deleted = $"63 43 254:0 /run/docker.sock//deleted {Path} rw,relatime - ext4 /dev/vda rw";
    private const string There = $"63 43 254:0 /run/docker.sock {Path} rw,relatime - ext4 /dev/vda rw";

    private static readonly Uri Unix = new($"unix://{Path}");

    [Theory]
    [InlineData(SocketError.AccessDenied, (int)SocketState.There, false,
        "no right to open /run/engine/docker.sock; add the user that Edge runs as to the group of that file")]
    [InlineData(SocketError.AccessDenied, (int)SocketState.There, true,
        "no right to open /run/engine/docker.sock; give this container the group of that file (group_add in a Compose file")]
    [InlineData(SocketError.AccessDenied, (int)SocketState.Missing, false, "no right to open /run/engine/docker.sock; ")]
    [InlineData(SocketError.AddressNotAvailable, (int)SocketState.Missing, false,
        "there is no such socket; start the engine, or run Edge without one: --Edge:Fleet:Driver=process")]
    [InlineData(
        SocketError.AddressNotAvailable, (int)SocketState.Missing, true, "there is no such socket in this container; mount the folder of the engine's socket")]
    [InlineData(SocketError.ConnectionRefused, (int)SocketState.There, false,
        "nobody listens there; start the engine, or run Edge without one: --Edge:Fleet:Driver=process")]
    [InlineData(SocketError.ConnectionRefused, (int)SocketState.Stale, true, "the engine has restarted and made a new socket, while the file at "
        + "/run/engine/docker.sock is still the old one; restart this container, and mount the folder")]
    public void Each_reason_why_the_engine_cannot_be_reached_says_what_to_do(SocketError error, int socket, bool isInContainer, string words)
    {
        var failed = new HttpRequestException("no", new SocketException((int)error));
        string told = UnreachableEngine.WordsOf(Unix, failed, TimeSpan.FromSeconds(30), (SocketState)socket, isInContainer);
        Assert.StartsWith($"the Docker engine at unix://{Path} cannot be reached: {words}", told, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', told);
    }

    [Fact]
    public void An_engine_that_hangs_and_one_that_breaks_off_are_told_apart()
    {
        Assert.EndsWith(
            "no answer within 10 s; see whether docker version answers, else restart the engine",
            UnreachableEngine.WordsOf(Unix, new OperationCanceledException(), TimeSpan.FromSeconds(10), SocketState.There, false),
            StringComparison.Ordinal);
        Assert.EndsWith(
            ": it ended the connection",
            UnreachableEngine.WordsOf(Unix, new HttpRequestException("no", new IOException("reset")), TimeSpan.FromSeconds(10), SocketState.There, false),
            StringComparison.Ordinal);
        Assert.Contains(
            "nobody listens there",
            UnreachableEngine.WordsOf(
                new Uri("tcp://127.0.0.1:2375"), new SocketException((int)SocketError.ConnectionRefused), TimeSpan.FromSeconds(10), SocketState.None, false),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, Deleted)]
    [InlineData(false, There)]
    [InlineData(true, There, Deleted)]
    [InlineData(false, Deleted, There)]
    [InlineData(false, "63 43 254:0 /run/docker.sock//deleted /run/engine/other.sock rw,relatime - ext4 /dev/vda rw")]
    [InlineData(false, "63 43 254:0 /run/x/deleted /run/engine/docker.sock rw,relatime - ext4 /dev/vda rw")]
    [InlineData(false, "", "63 43")]
    [InlineData(false)]
    public void A_socket_is_stale_where_the_last_mount_at_its_path_shows_a_file_without_a_name(bool isStale, params string[] mountInfo) =>
        Assert.Equal(isStale, StaleSocket.IsAt(Path, mountInfo));

    [Fact]
    public void A_path_is_compared_as_the_kernel_writes_it() =>
        Assert.True(StaleSocket.IsAt("/a b/c\\d", [@"63 43 254:0 /x//deleted /a\040b/c\134d rw - ext4 /dev/vda rw"]));

    [Fact]
    public async Task The_socket_of_an_engine_that_hangs_is_given_up_and_says_so()
    {
        await using var fake = new FakeEngine { IsSilent = true };
        using var engine = new EngineLine(fake.Endpoint) { AnswerTimeout = TimeSpan.FromMilliseconds(50) };
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => engine.NegotiateAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            (DriverFailure.Unavailable, $"the Docker engine at {fake.Endpoint} cannot be reached: no answer within 0.05 s; see whether docker version "
                + $"answers, else restart the engine"),
            (failed.Kind, failed.Message));
        fake.IsSilent = false;
        using var patient = new EngineLine(fake.Endpoint);
        await patient.NegotiateAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_socket_of_an_engine_that_has_ended_is_still_there_and_refuses()
    {
        string path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"edge-{Guid.NewGuid():n}.sock");

        // The framework removes the file of a socket that it closes; an engine that is killed does not.
        await Docker.Command.RunAsync("python3", ["-c", $"import socket; socket.socket(socket.AF_UNIX).bind('{path}')"]);
        using var engine = new EngineLine(new Uri($"unix://{path}"));
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => engine.NegotiateAsync(TestContext.Current.CancellationToken));
        File.Delete(path);
        Assert.Contains("nobody listens there; start the engine", failed.Message, StringComparison.Ordinal);
    }
}
