using System.Text.Json;
using AltClip.Training.Data;

namespace AltClip.Training.Evaluation;

/// <summary>The classes of a zero-shot classification and the sentences, in any language, that say each of them.</summary>
public sealed class ZeroShotPrompts
{
    private ZeroShotPrompts(IReadOnlyList<string> classes, IReadOnlyList<IReadOnlyList<string>> sentences, IReadOnlyList<int>? labels = null) =>
        (Classes, Sentences, Labels) = (classes, sentences, labels);

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The sentences of each class, at least one.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Sentences { get; }

    /// <summary>
    /// The label of each class in the whole data set, where the classes are a part of it, as babel-imagenet has for most languages; null where they are
    /// all. Evaluation leaves out pictures with other labels.
    /// </summary>
    public IReadOnlyList<int>? Labels { get; }

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
    /// which a data set's templates may also be <c>{"class": ["whole sentence", …], …}</c>. A file may also be just the list, or text with a class or
    /// a template a line (<c>classnames.txt</c> beside webdataset shards). babel-imagenet's classes, <c>{"DE": [[0, 1, …], ["Schleie", …]], …}</c>, are
    /// a part of ImageNet's: see <see cref="Labels"/>.
    /// </summary>
    /// <param name="classesFile">The classes.</param>
    /// <param name="templatesFile">The templates; null for the names as they are.</param>
    /// <param name="dataSet">The data set's or language's name in the files; null where they are lists, or have one data set only.</param>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="DataSetException">A file is not of that form, or has no such data set.</exception>
    public static ZeroShotPrompts FromFiles(string classesFile, string? templatesFile = null, string? dataSet = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(classesFile);
        var (classes, labels) = ClassListFile.ReadClasses(classesFile, dataSet);
        var sentences = templatesFile is null ? Create(classes).Sentences : ClassListFile.Read(templatesFile, dataSet, element => element.ValueKind == JsonValueKind.Object
            ? [.. classes.Select(name => element.TryGetProperty(name, out var own)
                ? ClassListFile.Texts(templatesFile, own)
                : throw new DataSetException(templatesFile, $"it has no sentences for the class '{name}'"))]
            : Filled(templatesFile, classes, ClassListFile.Texts(templatesFile, element)));
        return new(classes, sentences, labels);
    }

    /// <summary>The same classes in other sentences.</summary>
    /// <param name="templates">Sentences with <c>{}</c> or <c>{c}</c> in the name's place.</param>
    /// <exception cref="ArgumentException">There are no templates, or one has no place for the name.</exception>
    public ZeroShotPrompts WithTemplates(IReadOnlyList<string> templates)
    {
        ArgumentNullException.ThrowIfNull(templates);
        return new(Classes, Create(Classes, templates).Sentences, Labels);
    }

    private static IReadOnlyList<IReadOnlyList<string>> Filled(string file, IReadOnlyList<string> classes, IReadOnlyList<string> templates)
    {
        try
        {
            return Create(classes, templates).Sentences;
        }
        catch (ArgumentException error)
        {
            throw new DataSetException(file, error.Message);
        }
    }
}
