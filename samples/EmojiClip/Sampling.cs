namespace EmojiClip;

/// <summary>What is drawn at random.</summary>
internal static class Sampling
{
    /// <summary>Some of the items, none twice.</summary>
    public static T[] GetDistinct<T>(this Random random, IReadOnlyList<T> items, int count)
    {
        var all = items.ToArray();
        for (var i = 0; i < count; i++)
        {
            var other = random.Next(i, all.Length);
            (all[i], all[other]) = (all[other], all[i]);
        }
        return all[..count];
    }
}
