using System.Reflection;
using Edge.Config;

namespace Edge.Tests.Config;

/// <summary>The binder needs properties that can be set. No other code may set a property of existing options.</summary>
public sealed class FrozenOptionsTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private const string Binder = "Microsoft.Extensions.Configuration.Binder.SourceGeneration";
    private const byte Call = 0x28;
    private const byte CallVirtual = 0x6F;

    // Each makes options from others by "with".
    private static readonly string[] s_copiers =
    [
        "OptionsLoader.Load", "ServicesLoader.LoadOne", "ServicesLoader.LoadLabelled", "LabelledServices.OptionsOf", "ErrorPage.Read",
    ];

    [Fact]
    public void Only_the_binder_sets_options_and_these_methods_copy_them()
    {
        Type[] types = typeof(EdgeOptions).Assembly.GetTypes();
        HashSet<int> setters =
        [
            .. types.Where(IsOptions).SelectMany(type => type.GetProperties(All)).Select(property => property.SetMethod?.MetadataToken).OfType<int>(),
        ];
        Assert.NotEmpty(setters);
        string[] callers =
        [
            .. from type in types
               where type.Namespace != Binder && !(IsOptions(type))
               from method in type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All))
               where CallsOne(method, setters)
               select $"{type.Name}.{method.Name}",
        ];
        Assert.Equal(s_copiers.Order(StringComparer.Ordinal), callers.Order(StringComparer.Ordinal));
        Assert.Contains(types.Where(type => type.Namespace == Binder).SelectMany(type => type.GetMethods(All)), method => CallsOne(method, setters));
    }

    private static bool IsOptions(Type type) =>
        type.Namespace == "Edge.Config" && type.Name.EndsWith("Options", StringComparison.Ordinal) && type != typeof(LoadedOptions);

    // The token of a setter behind the code of a call.
    private static bool CallsOne(MethodBase method, HashSet<int> setters)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        return Enumerable.Range(0, Math.Max(0, code.Length - sizeof(int)))
            .Any(i => code[i] is Call or CallVirtual && setters.Contains(BitConverter.ToInt32(code, i + 1)));
    }
}
