namespace AltClip.Docs.Tests;

/// <summary>Holds a page's C# to what the page says.</summary>
internal static class BlockCheck
{
    /// <summary>Compiles the page's blocks of C#, and runs those that can run.</summary>
    /// <returns>What is wrong, a message a block.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(MarkdownPage page)
    {
        List<string> wrong = [], usings = [];
        var program = "";
        foreach (var block in page.Blocks.Where(block => block.Language is "csharp" or "cs" or "C#"))
        {
            program = (block.Continues ? program : "") + block.Given + "\n" + block.Text;
            // What a page imported, it need not import again. A program's own imports stand at its beginning.
            usings = [.. usings.Union(BlockProgram.UsingsOf(block.Given)).Union(BlockProgram.UsingsOf(block.Text))];
            if (await ProblemAsync(block, WithoutUsings(program), usings) is { } problem) wrong.Add($"{page.Name}:{block.Line}: {problem}");
        }
        return wrong;
    }

    private static async Task<string?> ProblemAsync(CodeBlock block, string program, IEnumerable<string> usings)
    {
        var (assembly, errors) = BlockProgram.Compile(program, usings);
        if (assembly is null) return string.Join('\n', errors.Select(error => error.ToString()));
        if (block.CompileOnly is not null) return null;
        string printed;
        try
        {
            printed = (await BlockProgram.RunAsync(assembly)).ReplaceLineEndings("\n").TrimEnd();
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
        return block.Prints is null || printed.EndsWith(block.Prints, StringComparison.Ordinal)
            ? null : $"printed\n{printed}\nexpected\n{block.Prints}";
    }

    private static string WithoutUsings(string program) => string.Join('\n', program.Split('\n').Where(line => !IsUsing(line)));

    private static bool IsUsing(string line) => line.StartsWith("using ", StringComparison.Ordinal) && BlockProgram.UsingsOf(line).Any();
}
