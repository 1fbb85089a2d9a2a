using System.Text.Json;
using AltClip.Training.Data;

namespace AltClip.Training.Evaluation;

/// <summary>The classes of a zero-shot classification and the sentences, in any language, that say each of them.</summary>
public sealed class ZeroShotPrompts
{
    private ZeroShotPrompts(IReadOnlyList<string> classes, IReadOnlyList<IReadOnlyList<string>> sentences) => (Classes, Sentences) = (classes, sentences);

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The sentences of each class, at least one.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Sentences { get; }

    /// <summary>Puts each class into each template.</summary>
    /// <param name="classes">The names of the classes, in the order of the pictures' labels.</param>
    /// <param name="templates">Sentences with <c>{}</c> or <c>{c}</c> in the name's place; null for the names as they are.</param>
    /// <exception cref="ArgumentException">There are no classes or templates, or a template has no place for the name.</exception>
    public static ZeroShotPrompts Create(IReadOnlyList<string> classes, IReadOnlyList<string>? templates = null)
    {
        ArgumentNullException.ThrowIfNull(classes);
        templates ??= ["{}"];
        if (classes.Count == 0) throw new ArgumentException("There are no classes.", nameof(classes));
        if (templates.Count == 0) throw new ArgumentException("There are no templates.", nameof(templates));
        if (templates.FirstOrDefault(template => !template.Contains("{}") && !template.Contains("{c}")) is { } without)
            throw new ArgumentException($"The template \"{without}\" has no {{}} or {{c}} for the class.", nameof(templates));
        return new([.. classes], [.. classes.Select(name => (IReadOnlyList<string>)
            [.. templates.Select(template => template.Replace("{c}", name).Replace("{}", name))])]);
    }

    /// <summary>
    /// Reads classes and templates as CLIP_benchmark publishes them a language: <c>zh_classnames.json</c> with
    /// <c>{"imagenet1k": ["丁鲷", …], …}</c> and <c>zh_zeroshot_classification_templates.json</c> with <c>{"imagenet1k": ["{c}的照片。", …],
    /// …}</c>, in
    /// which a data set's templates may also be <c>{"class": ["whole sentence", …], …}</c>. A file may also be just the list.
    /// </summary>
    /// <param name="classesFile">The classes.</param>
    /// <param name="templatesFile">The templates; null for the names as they are.</param>
    /// <param name="dataSet">The data set's name in the files; null where they are lists, or have one data set only.</param>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="DataSetException">A file is not of that form, or has no such data set.</exception>
    public static ZeroShotPrompts FromFiles(string classesFile, string? templatesFile = null, string? dataSet = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(classesFile);
        var classes = Read(classesFile, dataSet, element => Texts(classesFile, element));
        if (templatesFile is null) return Create(classes);
        return Read(templatesFile, dataSet, element => element.ValueKind == JsonValueKind.Object
            ? new(classes, [.. classes.Select(name => element.TryGetProperty(name, out var own)
                ? Texts(templatesFile, own)
                : throw new DataSetException(templatesFile, $"it has no sentences for the class '{name}'"))])
            : Filled(templatesFile, classes, Texts(templatesFile, element)));
    }

    private static ZeroShotPrompts Filled(string file, IReadOnlyList<string> classes, IReadOnlyList<string> templates)
    {
        try
        {
            return Create(classes, templates);
        }
        catch (ArgumentException error)
        {
            throw new DataSetException(file, error.Message);
        }
    }

    private static T Read<T>(string file, string? dataSet, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file));
            var root = json.RootElement;
            if (root.ValueKind == JsonValueKind.Array) return read(root);
            if (root.ValueKind != JsonValueKind.Object)
                throw new DataSetException(file, $"it is a JSON {root.ValueKind}; expected a list, or an object of them");
            List<string> names = [.. root.EnumerateObject().Select(member => member.Name)];
            if (dataSet is null && names.Count == 1) return read(root.GetProperty(names[0]));
            return dataSet is not null && root.TryGetProperty(dataSet, out var own) ? read(own)
                : throw new DataSetException(file, $"the data set asked for is '{dataSet}'; expected one of {string.Join(", ", names)}");
        }
        catch (JsonException error)
        {
            throw new DataSetException(file, $"it isn't JSON: {error.Message}");
        }
    }

    private static IReadOnlyList<string> Texts(string file, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() == 0
            || element.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            throw new DataSetException(file, $"it has {element.ValueKind} where a list of texts is expected");
        }
        return [.. element.EnumerateArray().Select(item => item.GetString()!)];
    }
}
