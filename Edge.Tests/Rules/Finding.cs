namespace Edge.Tests.Rules;

/// <summary>One place where the sources break a rule.</summary>
/// <param name="What">What an exception names: a path, or a path and what is in it.</param>
/// <param name="Sentence">What is wrong there.</param>
/// <param name="Size">How much of it there is, such as lines; 1 where it is there or not.</param>
internal readonly record struct Finding(string What, string Sentence, int Size = 1);
