using Edge.Proxy;

namespace Edge.Tests.Proxy;

public class ClientLifeTests
{
    // Each row is a state, and the states that may follow it.
    private const string Table = """
        Announcing: Handshaking Reading
        Handshaking: Reading Ending
        Reading: Forwarding Control Ending
        Forwarding: Reading Ending
        Control: Reading Ending
        Ending:
        """;

    [Fact]
    public void A_state_is_followed_by_those_of_the_table_and_by_no_other()
    {
        IEnumerable<string> rows = Enum.GetValues<ClientState>().Select(now =>
            $"{now}: {string.Join(' ', Enum.GetValues<ClientState>().Where(next => ClientLife.MayFollow(now, next)))}".TrimEnd());
        Assert.Equal(Table, string.Join('\n', rows));
    }
}
