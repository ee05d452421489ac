namespace Edge.Tests.Backends;

/// <summary>The wire shapes that replicas have, and those that they should not have; each headed by its reason.</summary>
internal static class Scripts
{
    internal const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /// <summary>The well-behaved: answers each request with its own bytes, so that a mixed-up answer shows.</summary>
    internal static async Task Echo(Wire wire)
    {
        while (true)
        {
            Message request = await wire.ReadMessageAsync();
            string text = request.Head + request.Text + request.Trailers;
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {text.Length}\r\n\r\n{text}");
        }
    }

    /// <summary>Answers every request with the same bytes, whatever they are.</summary>
    internal static Func<Wire, Task> Always(string response, bool thenClose = false) => async wire =>
    {
        do
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync(response);
        }
        while (!thenClose);
    };

    /// <summary>Sends its answer a byte at a time: every boundary of a head and a body falls between two reads.</summary>
    internal static Func<Wire, Task> Dribble(string response) => async wire =>
    {
        while (true)
        {
            await wire.ReadMessageAsync();
            foreach (char c in response)
            {
                await wire.SendAsync(c.ToString());
                await Task.Yield();
            }
        }
    };

    /// <summary>Accepts and says nothing: only a deadline helps.</summary>
    internal static async Task NeverAnswers(Wire wire) => await wire.ReadToEndAsync();

    /// <summary>Closes a kept-alive connection as soon as the next request comes on it: the race of every pool.</summary>
    internal static async Task ResetOnReuse(Wire wire)
    {
        await wire.ReadMessageAsync();
        await wire.SendAsync(Ok);
        await wire.ReadHeadAsync();
        wire.Reset();
    }

    /// <summary>Dies as soon as a request has arrived, before a byte of the answer.</summary>
    internal static async Task ResetAfterHead(Wire wire)
    {
        await wire.ReadHeadAsync();
        wire.Reset();
    }

    /// <summary>Promises more than it sends: the client must not take the rest for the whole.</summary>
    internal static async Task CloseMidBody(Wire wire)
    {
        await wire.ReadMessageAsync();
        await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this");
    }
}
