using System.Net.Http.Headers;

namespace Edge.Certificates;

/// <summary>What a server has answered.</summary>
/// <param name="status">200 to 599.</param>
/// <param name="fields">Of the answer.</param>
/// <param name="bodyFields">Those that are about its body, as Content-Type.</param>
/// <param name="body">Whole, without framing.</param>
internal sealed class HttpsReply(int status, HttpHeaders fields, HttpHeaders bodyFields, byte[] body)
{
    internal int Status => status;

    internal byte[] Body => body;

    /// <summary>The value of the first field with a name, as sent; null if there is none.</summary>
    internal string? Field(string name) =>
        fields.NonValidated.TryGetValues(name, out HeaderStringValues values) || bodyFields.NonValidated.TryGetValues(name, out values)
            ? values.FirstOrDefault()
            : null;
}
