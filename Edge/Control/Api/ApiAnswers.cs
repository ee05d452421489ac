using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Edge.Contract;
using Edge.Fleet;

namespace Edge.Control;

/// <summary>Makes the answers of the balancer's own paths, in the shape of the contract.</summary>
internal static class ApiAnswers
{
    private const int PrintableChars = 200;

    internal static ControlResponse Successful<T>(T message, JsonTypeInfo<Envelope<T>> type, int status = 200) =>
        Json(status, new Envelope<T>(message, Envelope<T>.Successful), type, []);

    internal static ControlResponse Error(int status, string message, params KeyValuePair<string, string>[] fields) =>
        Json(status, new Envelope<string>("<Error> " + message, Envelope<string>.Failure), ContractJson.Readable.EnvelopeString, fields);

    internal static ControlResponse Error(CallRefusal refusal) => Error(
        refusal.Kind switch
        {
            CallRefusalKind.Invalid => 400,
            CallRefusalKind.Unknown => 404,
            CallRefusalKind.Conflict => 409,
            CallRefusalKind.Unavailable => 503,
            _ => 502,
        },
        refusal.Message);

    internal static ControlResponse Json<T>(int status, Envelope<T> body, JsonTypeInfo<Envelope<T>> type, KeyValuePair<string, string>[] fields) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(body, type), [new("Content-Type", "application/json"), .. fields]);

    internal static KeyValuePair<string, string> Field(string name, string value) => new(name, value);

    /// <summary>A text of a caller, as it may be shown in an answer.</summary>
    internal static string Printable(string text)
    {
        var shown = new StringBuilder(text, 0, Math.Min(text.Length, PrintableChars), 256);
        for (int i = 0; i < shown.Length; i++)
        {
            shown[i] = char.IsControl(shown[i]) ? '?' : shown[i];
        }

        return shown.ToString();
    }
}
