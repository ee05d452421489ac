using System.Security.Cryptography;
using System.Text;
using Edge.Control;

namespace Edge.Tests.Control;

public class LivePageHashTests
{
    /// <summary>Over the text between the tags, as a browser takes it (CSP Level 3 §6.7.3.3).</summary>
    [Theory]
    [InlineData("script")]
    [InlineData("style")]
    public void The_policy_names_what_is_in_the_page(string tag)
    {
        string page = Encoding.UTF8.GetString(LivePage.Resource("LivePage.html"));
        int start = page.IndexOf($"<{tag}>", StringComparison.Ordinal) + tag.Length + 2;
        int end = page.IndexOf($"</{tag}>", start, StringComparison.Ordinal);
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(page[start..end])));
        string policy = LivePage.Response.Fields.Single(f => f.Key == "Content-Security-Policy").Value;
        Assert.Contains($"{tag}-src 'sha256-{hash}';", policy, StringComparison.Ordinal);
    }
}
