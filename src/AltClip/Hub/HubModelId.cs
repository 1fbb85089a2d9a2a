using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace AltClip.Hub;

/// <summary>A model on the Hub at a revision.</summary>
/// <param name="Name"><c>owner/name</c>.</param>
/// <param name="Revision">A branch, a tag or a commit.</param>
internal sealed partial record HubModelId(string Name, string Revision)
{
    private const string DefaultRevision = "main";
    private const string Part = "[0-9A-Za-z_]([0-9A-Za-z_.-]{0,94}[0-9A-Za-z_])?";

    /// <summary>The name of the model's folder in the cache.</summary>
    public string FolderName => $"models--{Name.Replace("/", "--")}";

    /// <summary>Reads <c>owner/name</c> or <c>owner/name@revision</c>; names follow the rules of <c>huggingface_hub</c>.</summary>
    /// <param name="text">What may be an id.</param>
    /// <param name="revision">The revision, where the id doesn't say one.</param>
    /// <param name="id">The id, if it is one.</param>
    /// <exception cref="ArgumentException">It is an id, and the revision is malformed or said twice and differently.</exception>
    public static bool TryParse(string text, string? revision, [NotNullWhen(true)] out HubModelId? id)
    {
        id = null;
        var at = text.IndexOf('@');
        var name = at < 0 ? text : text[..at];
        if (!NamePattern().IsMatch(name)) return false;

        var said = at < 0 ? null : text[(at + 1)..];
        if (said is not null && revision is not null && said != revision)
            throw new ArgumentException($"The revision is '{revision}', but '{text}' says '{said}'.", nameof(revision));
        var wanted = said ?? revision ?? DefaultRevision;
        if (!HubNames.IsRelativePath(wanted))
            throw new ArgumentException($"The revision is '{wanted}'; expected a branch, a tag or a commit.", nameof(revision));
        id = new HubModelId(name, wanted);
        return true;
    }

    /// <summary>Reads an id; see <see cref="TryParse"/>.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static HubModelId Parse(string text, string? revision)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return TryParse(text, revision, out var id)
            ? id
            : throw new ArgumentException($"'{text}' is not the id of a model; expected owner/name or owner/name@revision.", nameof(text));
    }

    /// <summary>The address of a file at a revision.</summary>
    public Uri Address(string endpoint, string revision, string file) =>
        new($"{endpoint.TrimEnd('/')}/{Name}/resolve/{Uri.EscapeDataString(revision)}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}");

    [GeneratedRegex($@"^(?!.*(--|\.\.|\.git\z)){Part}/{Part}\z")]
    private static partial Regex NamePattern();
}
