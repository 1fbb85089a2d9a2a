using AltClip;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>
/// Whether words that people search with find what they mean: each word, alone, is the name or a keyword of some emoji. A picture of one of these
/// is asked for its words among all the words, and a word for its pictures among all pictures.
/// </summary>
internal sealed class EverydayWords
{
    /// <summary>The words.</summary>
    internal static readonly string[] Everyday =
    [
        "airplane", "angry", "apple", "baby", "bag", "ball", "banana", "bear", "bed", "beer", "bell", "bicycle", "bike", "bird", "birthday", "boat",
        "book", "bread", "building", "bus", "butterfly", "cake", "camera", "candy", "car", "castle", "cat", "cheese", "chicken", "chocolate", "church",
        "city", "clock", "clothes", "cloud", "coffee", "cold", "computer", "cook", "cookie", "cow", "cry", "dance", "dog", "door", "dress", "drink",
        "drum", "duck", "ear", "egg", "elephant", "eye", "family", "fire", "fish", "flower", "food", "foot", "football", "fruit", "ghost", "gift",
        "glasses", "grapes", "guitar", "hand", "happy", "hat", "heart", "horse", "hospital", "hot", "house", "ice", "key", "king", "kiss", "lamp",
        "laugh", "leaf", "letter", "lion", "love", "mail", "map", "medicine", "milk", "money", "monkey", "moon", "mountain", "mouse", "music", "night",
        "ocean", "paint", "pen", "pencil", "phone", "pig", "plane", "pizza", "police", "rabbit", "rain", "ring", "robot", "rose", "sad", "school",
        "sheep", "ship", "shirt", "shoe", "store", "sick", "sing", "sleep", "smile", "snake", "snow", "soccer", "spider", "star", "strawberry", "sun",
        "swim", "tea", "telephone", "tennis", "tiger", "toilet", "tomato", "train", "travel", "tree", "truck", "umbrella", "vegetable", "watch",
        "water", "whale", "wind", "wine", "winter",
    ];

    private readonly (string Word, HashSet<int> Emoji)[] _words;

    public EverydayWords(EmojiSet emoji)
    {
        var said = new Dictionary<string, HashSet<int>>();
        foreach (var (place, caption) in emoji.English.Index())
        {
            foreach (var text in caption.Keywords.Append(caption.Name))
            {
                if (!said.TryGetValue(text, out var places)) said[text] = places = [];
                places.Add(place);
            }
        }
        if (Everyday.FirstOrDefault(word => !said.ContainsKey(word)) is { } unknown) throw new InvalidDataException($"No emoji has the keyword {unknown}.");
        _words = [.. Everyday.Select(word => (word, said[word]))];
    }

    /// <summary>How often one of a picture's words is the first, and among the first five, of all the words; pictures with none of them don't count.</summary>
    public Accuracy OfPictures(AltCLIPModel model, XLMRobertaTokenizer tokenizer, Tensor pictures, IReadOnlyList<Drawing> drawings)
    {
        using var scope = NewDisposeScope();
        var similarity = pictures.matmul(Embed(model, tokenizer).t());
        return Best(similarity, drawings.Select(drawing => _words.Select(word => word.Emoji.Contains(drawing.Emoji)).ToArray()));
    }

    /// <summary>How often one of a word's pictures is the first, and among the first five, of all pictures.</summary>
    public Accuracy OfWords(AltCLIPModel model, XLMRobertaTokenizer tokenizer, Tensor pictures, IReadOnlyList<Drawing> drawings)
    {
        using var scope = NewDisposeScope();
        var similarity = Embed(model, tokenizer).matmul(pictures.t());
        return Best(similarity, _words.Select(word => drawings.Select(drawing => word.Emoji.Contains(drawing.Emoji)).ToArray()));
    }

    private Tensor Embed(AltCLIPModel model, XLMRobertaTokenizer tokenizer)
    {
        using var noGrad = no_grad();
        return Texts.Embed(model, tokenizer, [.. _words.Select(word => word.Word)]);
    }

    private static Accuracy Best(Tensor similarity, IEnumerable<bool[]> right)
    {
        var five = similarity.topk(5, dim: 1).indexes;
        var places = five.data<long>().ToArray().Chunk(5);
        var found = right.Zip(places, (own, first) => (Any: own.Contains(true), First: own[first[0]], Five: first.Any(place => own[place]))).Where(row => row.Any).ToList();
        return new Accuracy(found.Average(row => row.First ? 1.0 : 0), found.Average(row => row.Five ? 1.0 : 0));
    }
}
