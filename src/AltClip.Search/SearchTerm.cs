namespace AltClip.Search;

/// <summary>What a part of a query is.</summary>
public enum SearchTermKind
{
    /// <summary>A text, in any language.</summary>
    Text,

    /// <summary>A picture.</summary>
    Image,

    /// <summary>A picture on the web, downloaded when it is searched for.</summary>
    Url,
}

/// <summary>A part of a <see cref="SearchQuery"/>: a text or a picture, and how much of it is wanted.</summary>
public sealed record SearchTerm
{
    private SearchTerm(SearchTermKind kind, string name, ImageSource? image, double weight)
    {
        if (!double.IsFinite(weight) || weight == 0)
            throw new ArgumentOutOfRangeException(nameof(weight), weight, $"The weight of '{name}' is {weight}; expected a number that is not 0.");
        (Kind, Name, Image, Weight) = (kind, name, image, weight);
    }

    /// <summary>What it is.</summary>
    public SearchTermKind Kind { get; }

    /// <summary>The text, the picture's name or its address.</summary>
    public string Name { get; }

    /// <summary>What the embedding, of length one, is multiplied by: below zero, it is taken away.</summary>
    public double Weight { get; }

    /// <summary>The picture, where it is one that needn't be downloaded.</summary>
    public ImageSource? Image { get; }

    /// <summary>A text.</summary>
    /// <param name="text">The text, in any language.</param>
    /// <param name="weight">What it is multiplied by.</param>
    /// <exception cref="ArgumentException">The text is empty, or the weight is 0 or not finite.</exception>
    public static SearchTerm FromText(string text, double weight = 1)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return new(SearchTermKind.Text, text, null, weight);
    }

    /// <summary>A picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="weight">What it is multiplied by.</param>
    /// <exception cref="ArgumentException">The weight is 0 or not finite.</exception>
    public static SearchTerm FromImage(ImageSource image, double weight = 1)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new(SearchTermKind.Image, image.Name, image, weight);
    }

    /// <summary>A picture on the web.</summary>
    /// <param name="url">Where it is: <c>http://</c> or <c>https://</c>.</param>
    /// <param name="weight">What it is multiplied by.</param>
    /// <exception cref="ArgumentException">The address is of another kind, or the weight is 0 or not finite.</exception>
    public static SearchTerm FromUrl(Uri url, double weight = 1)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https")) throw new ArgumentException($"{url} is no address of the web.", nameof(url));
        return new(SearchTermKind.Url, url.ToString(), null, weight);
    }
}
