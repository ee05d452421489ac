using System.Text;
using Edge.Http;

namespace Edge.Tests.Http;

public sealed class MethodsTests
{
    // https://www.iana.org/assignments/http-methods, as it stands: name, safe, idempotent. The row for "*", which is no method, is left out.
    private const string Registry = """
        ACL no yes, BASELINE-CONTROL no yes, BIND no yes, CHECKIN no yes, CHECKOUT no yes, CONNECT no no, COPY no yes, DELETE no yes, GET yes yes,
        HEAD yes yes, LABEL no yes, LINK no yes, LOCK no no, MERGE no yes, MKACTIVITY no yes, MKCALENDAR no yes, MKCOL no yes, MKREDIRECTREF no yes,
        MKWORKSPACE no yes, MOVE no yes, OPTIONS yes yes, ORDERPATCH no yes, PATCH no no, POST no no, PRI yes yes, PROPFIND yes yes, PROPPATCH no yes,
        PUT no yes, QUERY yes yes, REBIND no yes, REPORT yes yes, SEARCH yes yes, TRACE yes yes, UNBIND no yes, UNCHECKOUT no yes, UNLINK no yes,
        UPDATE no yes, UPDATEREDIRECTREF no yes, VERSION-CONTROL no yes
        """;

    [Fact]
    public void Methods_are_safe_and_idempotent_as_the_registry_has_them()
    {
        string[][] rows = [.. Registry.Split(',').Select(row => row.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal(rows.Length + 1, Methods.Names.Count);
        Assert.Equal(Enum.GetValues<Method>().Length, Methods.Names.Count);
        foreach (string[] row in rows)
        {
            Method method = Methods.Named(Encoding.ASCII.GetBytes(row[0]));
            Assert.Equal(row[0], Methods.Names[(int)method]);
            Assert.Equal(method.ToString().ToUpperInvariant(), row[0].Replace("-", "", StringComparison.Ordinal));
            Assert.True((row[1] == "yes", row[2] == "yes") == (method.IsSafe(), method.IsIdempotent()), row[0]);
        }
    }

    [Theory]
    [InlineData("get")]
    [InlineData("Propfind")]
    [InlineData("PROPFIN")]
    [InlineData("PROPFINDS")]
    [InlineData("M-SEARCH")]
    [InlineData("other")]
    [InlineData("PURGE")]
    public void A_method_that_is_not_registered_promises_nothing(string name)
    {
        Method method = Methods.Named(Encoding.ASCII.GetBytes(name));
        Assert.Equal((Method.Other, false, false), (method, method.IsSafe(), method.IsIdempotent()));
    }
}
