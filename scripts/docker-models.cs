// Writes Edge/Docker.DotNet.Substitutions.xml: what the native compiler leaves out of the Docker client library.
//
//   dotnet run scripts/docker-models.cs
//
// The library can read and write 370 models, by code that the JSON source generator made for each, and one switch refers
// to all of it, so nothing of it is ever trimmed. Edge needs the few models below and what they are made of; the code of
// the others gets a body that throws. Run it again for a new version of the library, and when DockerEngine.cs calls
// something whose model is missing here: the binary then throws at that call, in the tests against an engine.
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Xml.Linq;

const string Models = "Docker.DotNet.Models.";
const string Dictionary = "System.Collections.Generic.IDictionary`2";
string[] needed =
[
    Models + "VersionResponse", // GetVersionAsync
    Models + "ContainerListResponse[]", // ListContainersAsync
    Models + "ContainerInspectResponse", // InspectContainerAsync
    Models + "CreateContainerParameters", // CreateContainerAsync
    Models + "CreateContainerResponse",
    Models + "NetworkConnectParameters", // ConnectNetworkAsync
    Models + "Message", // MonitorEventsAsync
    Models + "JSONMessage", // CreateImageAsync
    Models + "AuthConfig",
    $"{Dictionary}<System.String,{Dictionary}<System.String,System.Boolean>>", // filters
    $"{Dictionary}<System.String,System.String>",
    "System.Collections.Generic.IList`1<System.String>",
];

string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, ".."));
string version = XDocument.Load(Path.Combine(root, "Directory.Packages.props")).Descendants("PackageVersion")
    .Single(p => (string?)p.Attribute("Include") == "Docker.DotNet.Enhanced").Attribute("Version")!.Value;
string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
    ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
using var library = new PEReader(File.OpenRead(
    Path.Combine(packages, "docker.dotnet.enhanced", version, "lib", "net10.0", "Docker.DotNet.dll")));
MetadataReader metadata = library.GetMetadataReader();

// In the order in which the library asks them: what the first one knows, the second one is never asked for.
Context[] contexts =
[
    ReadContext("Docker.DotNet.Models", "DockerModelsJsonSerializerContext"),
    ReadContext("Docker.DotNet", "DockerExtendedJsonSerializerContext"),
];

var reached = new HashSet<string>();
var kept = new HashSet<string>();
var open = new Stack<string>(needed);
while (open.TryPop(out string? type))
{
    if (!reached.Add(type))
    {
        continue;
    }

    foreach (string argument in Arguments(type))
    {
        open.Push(argument);
    }

    if (contexts.FirstOrDefault(c => c.Creators.ContainsKey(type)) is { } context)
    {
        string creator = context.Creators[type];
        kept.Add($"{context.Name}.{creator}");
        foreach (string property in context.Properties.GetValueOrDefault(creator.Replace("Create_", "", StringComparison.Ordinal) + "PropInit", []))
        {
            open.Push(property);
        }
    }
    else if (needed.Contains(type))
    {
        Console.Error.WriteLine($"The library has no model {type}.");
        return 1;
    }
}

var xml = new StringBuilder();
xml.AppendLine("<!-- Written by scripts/docker-models.cs, which says why. -->");
xml.AppendLine("<linker>");
xml.AppendLine("""  <assembly fullname="Docker.DotNet">""");
int left = 0;
foreach (Context context in contexts)
{
    xml.AppendLine(CultureInfo.InvariantCulture, $"""    <type fullname="{context.Name}">""");
    foreach ((string name, string signature) in context.Methods.OrderBy(m => m.Key, StringComparer.Ordinal))
    {
        // Serialize handlers are a short cut that the library's own converters rule out.
        bool isCreator = name.StartsWith("Create_", StringComparison.Ordinal);
        if ((isCreator && !kept.Contains($"{context.Name}.{name}")) || name.EndsWith("SerializeHandler", StringComparison.Ordinal))
        {
            string escaped = signature.Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
            xml.AppendLine(CultureInfo.InvariantCulture, $"""      <method signature="{escaped}" body="remove" />""");
            left++;
        }
    }

    xml.AppendLine("    </type>");
}

xml.AppendLine("  </assembly>");
xml.AppendLine("</linker>");
File.WriteAllText(Path.Combine(root, "Edge", "Docker.DotNet.Substitutions.xml"), xml.ToString());
Console.WriteLine($"Docker.DotNet.Enhanced {version}: {kept.Count} models and collections stay, {left} methods go");
return 0;

static string Here([CallerFilePath] string path = "") => path;

Context ReadContext(string space, string name)
{
    TypeDefinition type = metadata.TypeDefinitions.Select(metadata.GetTypeDefinition)
        .Single(t => metadata.StringComparer.Equals(t.Name, name) && metadata.StringComparer.Equals(t.Namespace, space));
    var context = new Context($"{space}.{name}", [], [], []);
    foreach (MethodDefinition method in type.GetMethods().Select(metadata.GetMethodDefinition))
    {
        string called = metadata.GetString(method.Name);
        MethodSignature<string> signature = method.DecodeSignature(new Names(), null);
        bool isCreator = called.StartsWith("Create_", StringComparison.Ordinal);
        if (isCreator || called.EndsWith("SerializeHandler", StringComparison.Ordinal))
        {
            context.Methods.Add(called, $"{signature.ReturnType} {called}({string.Join(',', signature.ParameterTypes)})");
        }

        if (isCreator)
        {
            context.Creators.Add(Arguments(signature.ReturnType).Single(), called);
        }
        else if (called.EndsWith("PropInit", StringComparison.Ordinal))
        {
            context.Properties.Add(called, [.. PropertyTypes(method)]);
        }
    }

    return context;
}

// The T of each call of CreatePropertyInfo<T>.
IEnumerable<string> PropertyTypes(MethodDefinition method)
{
    ImmutableArray<byte> code = library.GetMethodBody(method.RelativeVirtualAddress).GetILContent();
    for (int at = 0; at + 5 <= code.Length; at++)
    {
        if (code[at] != (byte)ILOpCode.Call || code[at + 4] != (byte)TableIndex.MethodSpec)
        {
            continue;
        }

        int row = code[at + 1] | (code[at + 2] << 8) | (code[at + 3] << 16);
        if (row == 0 || row > metadata.GetTableRowCount(TableIndex.MethodSpec))
        {
            continue;
        }

        MethodSpecification called = metadata.GetMethodSpecification(MetadataTokens.MethodSpecificationHandle(row));
        if (called.Method.Kind == HandleKind.MemberReference
            && metadata.StringComparer.Equals(metadata.GetMemberReference((MemberReferenceHandle)called.Method).Name, "CreatePropertyInfo"))
        {
            yield return called.DecodeSignature(new Names(), null).Single();
        }
    }
}

// What a type is made of: T of T[], K and V of IDictionary`2<K,V>.
static IEnumerable<string> Arguments(string type)
{
    if (type.EndsWith("[]", StringComparison.Ordinal))
    {
        yield return type[..^2];
        yield break;
    }

    int start = type.IndexOf('<', StringComparison.Ordinal) + 1;
    for (int at = start, depth = 0; start > 0 && at < type.Length; at++)
    {
        depth += type[at] switch { '<' => 1, '>' => -1, _ => 0 };
        if ((type[at] == ',' && depth == 0) || depth < 0)
        {
            yield return type[start..at];
            start = at + 1;
        }
    }
}

/// <param name="Name">Of the type.</param>
/// <param name="Methods">Signatures as the compiler wants them, by the methods' names.</param>
/// <param name="Creators">Methods that make a type's metadata, by that type.</param>
/// <param name="Properties">Types of an object's properties, by the method that describes them.</param>
internal sealed record Context(
    string Name, Dictionary<string, string> Methods, Dictionary<string, string> Creators, Dictionary<string, string[]> Properties);

/// <summary>Names types as the compiler's substitution files do.</summary>
internal sealed class Names : ISignatureTypeProvider<string, object?>
{
    public string GetArrayType(string elementType, ArrayShape shape) => throw new NotSupportedException();

    public string GetByReferenceType(string elementType) => elementType + "&";

    public string GetFunctionPointerType(MethodSignature<string> signature) => throw new NotSupportedException();

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
        $"{genericType}<{string.Join(',', typeArguments)}>";

    public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

    public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

    public string GetPinnedType(string elementType) => elementType;

    public string GetPointerType(string elementType) => elementType + "*";

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"System.{typeCode}";

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        string name = reader.GetString(type.Name);
        return type.GetDeclaringType() is { IsNil: false } outer
            ? $"{GetTypeFromDefinition(reader, outer, rawTypeKind)}/{name}"
            : $"{reader.GetString(type.Namespace)}.{name}";
    }

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        TypeReference type = reader.GetTypeReference(handle);
        return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
    }

    public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
}
