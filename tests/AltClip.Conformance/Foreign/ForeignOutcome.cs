using System.Text.Json.Nodes;

namespace AltClip.Conformance;

/// <summary>What must come of a case: <c>compute</c>, <c>refuse</c> or <c>refuse-or-compute</c>, and what an error says.</summary>
internal sealed class ForeignOutcome(JsonNode test)
{
    // No message has a line for each of a model's tensors, nor a file's text.
    private const int LongestMessage = 4000;

    /// <summary>Runs the case.</summary>
    /// <param name="compute">Computes it and gives the worst difference.</param>
    /// <exception cref="MismatchException">Something else came of it.</exception>
    public double Check(Func<double> compute)
    {
        var must = (string?)test["must"] ?? "compute";
        var absent = (string?)test["must_not_exist"];
        double worst = 0;
        try
        {
            worst = compute();
            if (must == "refuse") throw new MismatchException("it was computed; expected to be refused");
        }
        catch (Exception e) when (e is AltClipException or IOException)
        {
            if (must == "compute") throw new MismatchException($"it was refused: {e.Message}");
            CheckMessage(e.Message);
        }
        if (absent is not null && Path.Exists(absent)) throw new MismatchException($"reading made '{absent}'");
        return worst;
    }

    private void CheckMessage(string message)
    {
        var says = Strings("says").ToList();
        var saysAny = Strings("says_any_of").ToList();
        if ((int?)test["missing"] is { } missing) says.Add(missing.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (says.Find(text => !Says(message, text)) is { } left) throw new MismatchException($"the error does not say '{left}': {message}");
        if (saysAny.Count > 0 && !saysAny.Exists(text => Says(message, text)))
            throw new MismatchException($"the error says none of '{string.Join("', '", saysAny)}': {message}");
        var longest = (int?)test["longest_message"] ?? LongestMessage;
        if (message.Length > longest) throw new MismatchException($"the error has {message.Length} characters; expected at most {longest}");
    }

    private IEnumerable<string> Strings(string key) => test[key]?.AsArray().Select(text => (string)text!) ?? [];

    private static bool Says(string message, string text) => message.Contains(text, StringComparison.OrdinalIgnoreCase);
}
