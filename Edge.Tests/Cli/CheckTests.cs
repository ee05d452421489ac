using System.Net;
using System.Net.Sockets;
using Edge.Cli;
using Edge.Config;
using Edge.Tests.Certificates;
using Edge.Tests.Tls;
using Microsoft.Extensions.Configuration.Memory;

namespace Edge.Tests.Cli;

public sealed class CheckTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-check-");
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _errors = new() { NewLine = "\n" };

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _output.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public void It_says_what_was_read_and_where_each_value_comes_from_and_no_secret()
    {
        string missing = Path.Combine(_folder.FullName, "missing.json");
        string file = Write("""{"Edge": {"Control": {"Token": "s3cret"}, "Timeouts": {"Drain": "00:01:30"}}}""");
        Assert.Equal(ExitCodes.Ok, Run([missing, file], "--listen", "127.0.0.1:0", "--env", "PASSWORD=s3cret", "--Edge:Loops=2"));
        Assert.Equal(
            $"""
            {missing}: not there
            {file}: read
            OPTION                   VALUE        FROM
            Edge:Listen              127.0.0.1:0  --listen
            Edge:Loops               2            --Edge:Loops
            Edge:Control:Token       set          {file}
            Edge:Timeouts:Drain      1m30s        {file}
            Edge:Docker:Environment  PASSWORD     --env
            all others are at their defaults
            no mistake found

            """,
            _output.ToString());
        Assert.Empty(_errors.ToString());
    }

    [Fact]
    public void Certificates_are_read_and_those_that_cannot_be_used_are_told()
    {
        using var folder = new PemFolder();
        string shop = folder.Both("shop.pem", TestCertificates.Make(["shop.test", "*.shop.test"], until: new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        string old = folder.Both("old.pem", TestCertificates.Make(["old.test"], until: DateTimeOffset.UtcNow.AddHours(-1), rsa: true));
        string[] named = ["--listen", "127.0.0.1:0", $"--Edge:Tls:Certificates:0:File={shop}", $"--Edge:Tls:Certificates:1:File={old}"];
        Assert.Equal(ExitCodes.Ok, Run([], named));
        Assert.Contains($"\n{shop}: shop.test, *.shop.test (ecdsa), by shop.test, good until 2099-01-01\n", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"\n{old}: old.test (rsa), by old.test, not good any more since ", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"\nEdge:Tls:Certificates:File  {shop}, {old}  --Edge:Tls:Certificates:0:File\n", _output.ToString(), StringComparison.Ordinal);
        string missing = folder.At("missing.pem");
        Assert.Equal(ExitCodes.Unavailable, Run([], [.. named, $"--Edge:Tls:Certificates:2:File={missing}", $"--Edge:Tls:Folder={folder.At("none")}",
            "--Edge:Tls:ClientCertificates=required", $"--Edge:Tls:ClientAuthorities={missing}"]));
        Assert.Equal(
            [
                $"edge: {missing} cannot be used as a certificate: there is no file {missing}",
                $"edge: {folder.At("none")} cannot be used as a certificate: there is no such folder",
                $"edge: Edge:Tls:ClientAuthorities is \"{missing}\", which cannot be used: there is no file {missing}",
            ],
            _errors.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public void A_certificate_without_a_file_and_a_key_in_the_place_of_its_path_are_mistakes_that_show_no_key()
    {
        Assert.Equal(ExitCodes.Usage, Run([], "--Edge:Tls:Certificates:0:Key=/shop.key", "--Edge:Tls:ClientCertificates=optional"));
        Assert.Equal(
            [
                "edge: Edge:Tls:Certificates:0:File is \"\": allowed is a path: each certificate has a file",
                "edge: Edge:Tls:ClientCertificates is \"optional\": allowed is none where Edge:Tls:ClientAuthorities does not say who vouches for clients",
            ],
            _errors.ToString().TrimEnd().Split('\n'));
        _errors.GetStringBuilder().Clear();
        Assert.Equal(ExitCodes.Usage, Run([], "--Edge:Tls:Certificates:0:key=-----BEGIN PRIVATE KEY-----\nc2VjcmV0"));
        Assert.Equal("edge: Edge:Tls:Certificates:0:Key is \"(hidden)\": allowed is empty, or a path", _errors.ToString().TrimEnd());
        _errors.GetStringBuilder().Clear();
        Assert.Equal(ExitCodes.Usage, Run([], "--Edge:Tls:Certificates:File=/shop.pem"));
        Assert.Contains("there is no such key; Edge:Tls:Certificates:0:File… is one", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_told_at_once_with_where_they_are()
    {
        string file = Write("""{"Edge": {"Loops": "many", "Drain": "5s"}}""");
        Assert.Equal(ExitCodes.Usage, Run([file], "--listen", "nowhere", "--replcas", "3"));
        Assert.Equal(
            [
                "edge: --replcas: there is no such argument; --replicas is one",
                $"edge: Edge:Drain is \"5s\": there is no such key; Edge:Timeouts:Drain is one (from {file})",
                $"edge: Edge:Listen is \"nowhere\": allowed is {OptionsCatalog.Find("Edge:Listen")!.Allowed} (from --listen)",
                $"edge: Edge:Loops is \"many\": allowed is 0 to 256 (from {file})",
            ],
            _errors.ToString().TrimEnd().Split('\n'));
        Assert.Equal($"{file}: read\n", _output.ToString());
    }

    [Fact]
    public void An_address_that_this_machine_does_not_have_ends_it_with_69()
    {
        // No machine has an address of TEST-NET-3 (RFC 5737).
        Assert.Equal(ExitCodes.Unavailable, Run([], "--listen", "203.0.113.1:5000", "--control", "127.0.0.1:0"));
        Assert.StartsWith("edge: cannot listen at 203.0.113.1:5000: ", Assert.Single(Errors()), StringComparison.Ordinal);
        Assert.DoesNotContain("no mistake", _output.ToString());
        Assert.Equal(ExitCodes.Unavailable, Run([], "--listen", "127.0.0.1:0", "--listen", "203.0.113.2:5000"));
        Assert.StartsWith("edge: cannot listen at 203.0.113.2:5000: ", Errors()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_at_which_a_balancer_runs_is_no_mistake_and_the_check_takes_none_of_its_connections()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = (IPEndPoint)listener.LocalEndpoint;
        Assert.Equal(ExitCodes.Ok, Run([], "--listen", address.ToString()));
        Assert.Contains($"{address} is taken now; ", _output.ToString());
        using var client = new TcpClient(AddressFamily.InterNetwork);
        await client.ConnectAsync(address, TestContext.Current.CancellationToken);
        using TcpClient taken = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        Assert.Equal(client.Client.LocalEndPoint, taken.Client.RemoteEndPoint);
    }

    [Fact]
    public void An_access_log_that_cannot_be_written_ends_it_with_69_and_one_that_can_is_not_made()
    {
        string log = Path.Combine(_folder.FullName, "access.log");
        Assert.Equal(ExitCodes.Ok, Run([], "--listen", "127.0.0.1:0", $"--Edge:AccessLog:File={log}"));
        Assert.False(File.Exists(log));
        string lost = Path.Combine(_folder.FullName, "nowhere", "access.log");
        Assert.Equal(ExitCodes.Unavailable, Run([], "--listen", "127.0.0.1:0", $"--Edge:AccessLog:File={lost}"));
        Assert.Equal(ExitCodes.Unavailable, Run([], "--listen", "127.0.0.1:0", $"--Edge:AccessLog:File={_folder.FullName}"));

        // A program that runs cannot be written to, not even by root.
        Assert.Equal(ExitCodes.Unavailable, Run([], "--listen", "127.0.0.1:0", $"--Edge:AccessLog:File={Environment.ProcessPath}"));
        Assert.Equal(3, Errors().Length);
        Assert.Equal($"edge: Edge:AccessLog:File is \"{lost}\", and its folder is not there", Errors()[0]);
        Assert.Equal($"edge: Edge:AccessLog:File is \"{_folder.FullName}\", which is a folder", Errors()[1]);
        Assert.StartsWith($"edge: Edge:AccessLog:File is \"{Environment.ProcessPath}\", which cannot be written to: ", Errors()[2], StringComparison.Ordinal);
    }

    private string[] Errors() => _errors.ToString().TrimEnd().Split('\n');

    private int Run(string[] files, params string[] arguments) =>
        CheckVerb.Run(OptionsLoader.Load(new OptionSources(files, new MemoryConfigurationSource(), arguments)), _output, _errors);

    private string Write(string json)
    {
        string file = Path.Combine(_folder.FullName, "appsettings.json");
        File.WriteAllText(file, json);
        return file;
    }
}
