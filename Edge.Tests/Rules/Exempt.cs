namespace Edge.Tests.Rules;

/// <summary>A place that may break a rule.</summary>
/// <param name="What">The <see cref="Finding.What"/> of it.</param>
/// <param name="Why">For the reader.</param>
/// <param name="Size">How much of it there is; more is an error, and less too, so that the number goes down with it.</param>
internal readonly record struct Exempt(string What, string Why, int Size = 1);
