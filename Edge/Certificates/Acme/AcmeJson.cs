using System.Text.Json;
using System.Text.Json.Serialization;

namespace Edge.Certificates;

/// <summary>Writes and reads <see cref="AcmeObjects"/> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AcmeObjects.Directory))]
[JsonSerializable(typeof(AcmeObjects.AccountRequest))]
[JsonSerializable(typeof(AcmeObjects.ContactChange))]
[JsonSerializable(typeof(AcmeObjects.Account))]
[JsonSerializable(typeof(AcmeObjects.OrderRequest))]
[JsonSerializable(typeof(AcmeObjects.Order))]
[JsonSerializable(typeof(AcmeObjects.Authorization))]
[JsonSerializable(typeof(AcmeObjects.FinalizeRequest))]
[JsonSerializable(typeof(AcmeObjects.RenewalInfo))]
[JsonSerializable(typeof(AcmeObjects.Protected))]
[JsonSerializable(typeof(AcmeObjects.SignedMessage))]
[JsonSerializable(typeof(AcmeObjects.Problem))]
[JsonSerializable(typeof(FailureRecord))]
[JsonSerializable(typeof(SharedChallenge))]
internal sealed partial class AcmeJson : JsonSerializerContext;
