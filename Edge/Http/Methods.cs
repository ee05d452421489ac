using System.Text;

namespace Edge.Http;

/// <summary>
/// The properties of methods: which may be sent again, which a replica finishes for a client that has left, and the names for figures. The properties
/// are those of IANA's registry of 2025; a method that is not registered has none.
/// </summary>
internal static class Methods
{
    private const ulong Safe =
        1UL << (int)Method.Get | 1UL << (int)Method.Head | 1UL << (int)Method.Options | 1UL << (int)Method.Trace | 1UL << (int)Method.Pri |
        1UL << (int)Method.PropFind | 1UL << (int)Method.Query | 1UL << (int)Method.Report | 1UL << (int)Method.Search;

    private const ulong Idempotent = Safe
        | 1UL << (int)Method.Put | 1UL << (int)Method.Delete | 1UL << (int)Method.Acl | 1UL << (int)Method.BaselineControl | 1UL << (int)Method.Bind
        | 1UL << (int)Method.CheckIn | 1UL << (int)Method.CheckOut | 1UL << (int)Method.Copy | 1UL << (int)Method.Label | 1UL << (int)Method.Link
        | 1UL << (int)Method.Merge | 1UL << (int)Method.MkActivity | 1UL << (int)Method.MkCalendar | 1UL << (int)Method.MkCol
        | 1UL << (int)Method.MkRedirectRef | 1UL << (int)Method.MkWorkspace | 1UL << (int)Method.Move | 1UL << (int)Method.OrderPatch
        | 1UL << (int)Method.PropPatch | 1UL << (int)Method.Rebind | 1UL << (int)Method.Unbind | 1UL << (int)Method.UncheckOut
        | 1UL << (int)Method.Unlink | 1UL << (int)Method.Update | 1UL << (int)Method.UpdateRedirectRef | 1UL << (int)Method.VersionControl;

    // By their numbers.
    private static readonly string[] s_names =
    [
        "other", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN",
        "CHECKOUT", "COPY", "LABEL", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE",
        "ORDERPATCH", "PRI", "PROPFIND", "PROPPATCH", "QUERY", "REBIND", "REPORT", "SEARCH", "UNBIND", "UNCHECKOUT", "UNLINK", "UPDATE",
        "UPDATEREDIRECTREF", "VERSION-CONTROL",
    ];

    /// <summary>The name of each method, as it is sent, by its number; "other" for a method that has none here.</summary>
    internal static IReadOnlyList<string> Names => s_names;

    /// <summary>The method asks for no change (RFC 9110 §9.2.1).</summary>
    internal static bool IsSafe(this Method method) => (Safe >> (int)method & 1) != 0;

    /// <summary>To do it twice has the effect of doing it once (RFC 9110 §9.2.2).</summary>
    internal static bool IsIdempotent(this Method method) => (Idempotent >> (int)method & 1) != 0;

    /// <summary>The method with this name. Methods are case-sensitive (RFC 9110 §9.1).</summary>
    internal static Method Named(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 when name.SequenceEqual("GET"u8) => Method.Get,
        3 when name.SequenceEqual("PUT"u8) => Method.Put,
        4 when name.SequenceEqual("POST"u8) => Method.Post,
        4 when name.SequenceEqual("HEAD"u8) => Method.Head,
        _ => Rarer(name),
    };

    private static Method Rarer(ReadOnlySpan<byte> name)
    {
        for (int i = (int)Method.Delete; i < s_names.Length; i++)
        {
            if (s_names[i].Length == name.Length && Ascii.Equals(name, s_names[i]))
            {
                return (Method)i;
            }
        }

        return Method.Other;
    }
}
