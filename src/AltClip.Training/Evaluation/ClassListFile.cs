using System.Text.Json;
using AltClip.Shared;
using AltClip.Training.Data;

namespace AltClip.Training.Evaluation;

/// <summary>Reads lists of classes and of templates: JSON for one data set or many, or a line each.</summary>
internal static class ClassListFile
{
    /// <summary>Reads classes.</summary>
    /// <returns>Their names; and their labels, where the file says which of a data set's they are.</returns>
    /// <exception cref="DataSetException">The file is not of that form, or has no such data set.</exception>
    public static (IReadOnlyList<string> Classes, IReadOnlyList<int>? Labels) ReadClasses(string file, string? dataSet) => Read(file, dataSet, element =>
        element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 2 && element.EnumerateArray().All(own => own.ValueKind == JsonValueKind.Array)
            ? Part(file, element[0], element[1]) : (Texts(file, element), (IReadOnlyList<int>?)null));

    /// <summary>Reads what a file has for a data set.</summary>
    /// <param name="file">The file.</param>
    /// <param name="dataSet">The name; with other capitals where none is there as it is; null where there is only one.</param>
    /// <param name="read">Reads its JSON.</param>
    /// <exception cref="DataSetException">The file is not of that form, or has no such data set.</exception>
    public static T Read<T>(string file, string? dataSet, Func<JsonElement, T> read)
    {
        var text = Utf8Text.Of(file, problem => new DataSetException(file, problem));
        if (Path.GetExtension(file).Equals(".txt", StringComparison.OrdinalIgnoreCase)) text = JsonSerializer.Serialize(Lines(file, text));
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (root.ValueKind == JsonValueKind.Array) return read(root);
            if (root.ValueKind != JsonValueKind.Object)
                throw new DataSetException(file, $"it is a JSON {root.ValueKind}; expected a list, or an object of them");
            List<string> names = [.. root.EnumerateObject().Select(member => member.Name)];
            if (dataSet is null && names.Count == 1) return read(root.GetProperty(names[0]));
            var name = names.Find(name => name == dataSet) ?? names.Find(name => name.Equals(dataSet, StringComparison.OrdinalIgnoreCase));
            return name is not null ? read(root.GetProperty(name))
                : throw new DataSetException(file, $"the data set asked for is '{dataSet}'; expected one of {string.Join(", ", names)}");
        }
        catch (JsonException error)
        {
            throw new DataSetException(file, $"it isn't JSON: {JsonProblem.InFile(error.Message)}");
        }
    }

    /// <summary>A list of texts.</summary>
    /// <exception cref="DataSetException">It is none.</exception>
    public static IReadOnlyList<string> Texts(string file, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() == 0
            || element.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            throw new DataSetException(file, $"it has {element.ValueKind} where a list of texts is expected");
        }
        return [.. element.EnumerateArray().Select(item => item.GetString()!)];
    }

    // Line 5 is class 4: a gap would shift all behind it.
    private static string[] Lines(string file, string text)
    {
        string[] lines = [.. text.TrimEnd().Split('\n').Select(line => line.Trim())];
        var blank = Array.IndexOf(lines, "");
        return blank < 0 ? lines : throw new DataSetException(file, $"line {blank + 1} is blank; expected a name a line");
    }

    private static (IReadOnlyList<string>, IReadOnlyList<int>?) Part(string file, JsonElement labels, JsonElement names)
    {
        var classes = Texts(file, names);
        var places = new List<int>();
        foreach (var label in labels.EnumerateArray())
        {
            if (label.ValueKind != JsonValueKind.Number || !label.TryGetInt32(out var place) || place < 0)
                throw new DataSetException(file, $"the label {places.Count} of its classes is {label.GetRawText()}; expected a whole number from 0");
            places.Add(place);
        }
        if (places.Count != classes.Count) throw new DataSetException(file, $"it has {Quantity.Of(places.Count, "label")} for {classes.Count} names of classes; expected as many");
        if (places.CountBy(place => place).FirstOrDefault(place => place.Value > 1) is { Value: > 1 } twice)
            throw new DataSetException(file, $"it has the label {twice.Key} {twice.Value} times; expected each once");
        return (classes, places);
    }
}
